/**
 * NumPy, SciPy, pandas, joblib and the boosters. Names under `numpy._core` are written `numpy.core`. Missing on purpose: `scipy.stats`
 * (its distributions run text as code when their state is set), `numpy.load`, `numpy.vectorize` and everything else that calls.
 */
export const numeric = `
numpy: ndarray dtype(literal) matrix recarray void= bool_= bool= int8= int16= int32= int64= intc= intp= longlong= uint8= uint16= uint32=
numpy: uint64= uintc= uintp= ulonglong= float16= float32= float64= longdouble= complex64= complex128= clongdouble= object_= str_= bytes_=
numpy: datetime64= timedelta64= integer= floating= number= generic= inexact= signedinteger= unsignedinteger= complexfloating=
numpy: record add= subtract= multiply= divide= exp= exp2= expm1= log= log1p= log2= log10= sqrt= cbrt= square= abs= absolute= negative= reciprocal=
numpy: sin= cos= tan= tanh= maximum= minimum= mean= median= sum= max= min= ravel= nan= inf= pi=
numpy.core.multiarray: _reconstruct(array) scalar()
numpy.core.numeric: _frombuffer()
numpy.core: _ufunc_reconstruct(ufunc)
numpy.ma: MaskedArray
numpy.ma.core: _mareconstruct(class) MaskedArray MaskedConstant
numpy.matrixlib.defmatrix: matrix
numpy.rec: recarray record
numpy.dtypes: Float64DType() Float32DType() Float16DType() Int64DType() Int32DType() Int16DType() Int8DType() UInt64DType() UInt32DType()
numpy.dtypes: UInt16DType() UInt8DType() BoolDType() ObjectDType() StrDType() BytesDType() StringDType() DateTime64DType() TimeDelta64DType()
numpy.random._pickle: __randomstate_ctor(generator) __generator_ctor(generator) __bit_generator_ctor(generator)
numpy.random._mt19937: MT19937
numpy.random._pcg64: PCG64 PCG64DXSM
numpy.random._philox: Philox
numpy.random._sfc64: SFC64
numpy.random._generator: Generator
numpy.random.mtrand: RandomState
numpy.random.bit_generator: __pyx_unpickle_SeedSequence(class) SeedSequence
scipy.sparse._csr: csr_matrix csr_array
scipy.sparse._csc: csc_matrix csc_array
scipy.sparse._coo: coo_matrix coo_array
scipy.sparse._bsr: bsr_matrix bsr_array
scipy.sparse._dia: dia_matrix dia_array
scipy.sparse._dok: dok_matrix dok_array
scipy.sparse._lil: lil_matrix lil_array
scipy.sparse.csr: csr_matrix
scipy.sparse.csc: csc_matrix
scipy.sparse.coo: coo_matrix
scipy.sparse: csr_matrix csc_matrix coo_matrix
scipy._lib.array_api_compat.numpy._aliases: asarray=
scipy.interpolate._interpolate: interp1d
scipy.interpolate._bsplines: BSpline
scipy.spatial._ckdtree: cKDTree()
scipy.spatial._kdtree: KDTree
joblib.numpy_pickle: NumpyArrayWrapper
pandas.core.frame: DataFrame
pandas.core.series: Series
pandas.core.indexes.base: Index _new_Index(class)
pandas.core.indexes.range: RangeIndex
pandas.core.indexes.numeric: Int64Index UInt64Index Float64Index
pandas.core.indexes.multi: MultiIndex
pandas.core.indexes.datetimes: DatetimeIndex _new_DatetimeIndex(class)
pandas.core.indexes.category: CategoricalIndex
pandas.core.internals.managers: BlockManager SingleBlockManager
pandas._libs.internals: _unpickle_block() BlockManager
pandas._libs.arrays: __pyx_unpickle_NDArrayBacked(class) NDArrayBacked
pandas._libs.tslibs.timestamps: _unpickle_timestamp()
pandas._libs.tslibs.nattype: _nat_unpickle()
pandas.core.arrays.categorical: Categorical
pandas.core.arrays.datetimes: DatetimeArray
pandas.core.arrays.string_: StringArray StringDtype
pandas.core.arrays.integer: IntegerArray Int64Dtype Int32Dtype
pandas.core.arrays.boolean: BooleanArray BooleanDtype
pandas.core.arrays.floating: FloatingArray Float64Dtype
pandas.core.dtypes.dtypes: CategoricalDtype
pandas.core.flags: Flags
xgboost.core: Booster
xgboost.sklearn: XGBClassifier XGBRegressor XGBRanker XGBModel XGBRFClassifier XGBRFRegressor
lightgbm.basic: Booster
lightgbm.sklearn: LGBMClassifier LGBMRegressor LGBMRanker LGBMModel
catboost.core: CatBoost CatBoostClassifier CatBoostRegressor
`;
