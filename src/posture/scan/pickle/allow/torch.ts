/** Tensors, storages, dtypes, modules and optimisers of PyTorch 2, from their packages' classes, and the functions that put tensors together. Functions of
 * `torch.nn.functional` may be named (an activation), not called */
export const torch = `
torch: BFloat16Storage= BoolStorage= ByteStorage= CharStorage= ComplexDoubleStorage= ComplexFloatStorage= DoubleStorage=
torch: FloatStorage= Generator HalfStorage= IntStorage= LongStorage= QInt32Storage= QInt8Storage= QUInt2x4Storage=
torch: QUInt4x2Storage= QUInt8Storage= ShortStorage= Size(literal) Storage= Tensor TypedStorage= UntypedStorage= _mkldnn=
torch: bcomplex32= bfloat16= bit= bits16= bits1x8= bits2x4= bits4x2= bits8= bool= cdouble= cfloat= chalf= channels_last=
torch: channels_last_3d= complex128= complex32= complex64= contiguous_format= device(literal) double= float16= float32=
torch: float4_e2m1fn_x2= float64= float8_e4m3fn= float8_e4m3fnuz= float8_e5m2= float8_e5m2fnuz= float8_e8m0fnu= float= half=
torch: int16= int1= int2= int32= int3= int4= int5= int64= int6= int7= int8= int= jagged= legacy_contiguous_format= long=
torch: preserve_format= qint32= qint8= quint2x4= quint4x2= quint8= short= sparse_bsc= sparse_bsr= sparse_coo= sparse_csc=
torch: sparse_csr= strided= uint16= uint1= uint2= uint32= uint3= uint4= uint5= uint64= uint6= uint7= uint8=
torch._tensor: Tensor _rebuild_from_type_v2(rebuild)
torch._utils: _rebuild_device_tensor_from_numpy() _rebuild_meta_tensor_no_storage() _rebuild_nested_tensor() _rebuild_parameter()
torch._utils: _rebuild_parameter_with_state(parameter) _rebuild_qtensor() _rebuild_sparse_csr_tensor() _rebuild_sparse_tensor()
torch._utils: _rebuild_tensor() _rebuild_tensor_v2() _rebuild_tensor_v3() _rebuild_xla_tensor()
torch.amp.grad_scaler: GradScaler
torch.cuda.amp.grad_scaler: GradScaler
torch.nn.backends.thnn: _get_thnn_function_backend()
torch.nn.functional: adaptive_avg_pool2d= adaptive_avg_pool3d= adaptive_max_pool1d= adaptive_max_pool1d_with_indices=
torch.nn.functional: adaptive_max_pool2d= adaptive_max_pool2d_with_indices= adaptive_max_pool3d= adaptive_max_pool3d_with_indices=
torch.nn.functional: affine_grid= alpha_dropout= assert_int_or_pair= batch_norm= binary_cross_entropy=
torch.nn.functional: binary_cross_entropy_with_logits= celu= cosine_embedding_loss= cross_entropy= ctc_loss= dropout1d= dropout2d=
torch.nn.functional: dropout3d= dropout= elu= embedding= embedding_bag= feature_alpha_dropout= fold= fractional_max_pool2d=
torch.nn.functional: fractional_max_pool2d_with_indices= fractional_max_pool3d= fractional_max_pool3d_with_indices=
torch.nn.functional: gaussian_nll_loss= glu= grid_sample= group_norm= grouped_mm= gumbel_softmax= hardsigmoid= hardswish=
torch.nn.functional: hardtanh= hinge_embedding_loss= huber_loss= instance_norm= interpolate= kl_div= l1_loss= layer_norm=
torch.nn.functional: leaky_relu= linear_cross_entropy= local_response_norm= log_softmax= lp_pool1d= lp_pool2d= lp_pool3d=
torch.nn.functional: margin_ranking_loss= max_pool1d= max_pool1d_with_indices= max_pool2d= max_pool2d_with_indices= max_pool3d=
torch.nn.functional: max_pool3d_with_indices= max_unpool1d= max_unpool2d= max_unpool3d= mish= mse_loss=
torch.nn.functional: multi_head_attention_forward= multi_margin_loss= multilabel_margin_loss= multilabel_soft_margin_loss=
torch.nn.functional: nll_loss= normalize= pad= poisson_nll_loss= relu6= relu= rms_norm= rrelu= scaled_addmm= scaled_addmm_=
torch.nn.functional: scaled_grouped_mm= scaled_mm= selu= sigmoid= silu= smooth_l1_loss= soft_margin_loss= softmax= softmin=
torch.nn.functional: softsign= tanh= tanhshrink= threshold= triplet_margin_loss= triplet_margin_with_distance_loss= unfold=
torch.nn.functional: upsample= upsample_bilinear= upsample_nearest=
torch.nn.modules.activation: CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish
torch.nn.modules.activation: MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus
torch.nn.modules.activation: Softshrink Softsign Tanh Tanhshrink Threshold
torch.nn.modules.adaptive: AdaptiveLogSoftmaxWithLoss
torch.nn.modules.batchnorm: BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm
torch.nn.modules.batchnorm: _BatchNorm _LazyNormBase _NormBase
torch.nn.modules.channelshuffle: ChannelShuffle
torch.nn.modules.container: Container ModuleDict ModuleList ParameterDict ParameterList Sequential
torch.nn.modules.conv: Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d
torch.nn.modules.conv: LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d _ConvNd _ConvTransposeMixin _ConvTransposeNd
torch.nn.modules.distance: CosineSimilarity PairwiseDistance
torch.nn.modules.dropout: AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout _DropoutNd
torch.nn.modules.flatten: Flatten Unflatten
torch.nn.modules.fold: Fold Unfold
torch.nn.modules.instancenorm: InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d
torch.nn.modules.instancenorm: LazyInstanceNorm3d _InstanceNorm
torch.nn.modules.linear: Bilinear Identity LazyLinear Linear NonDynamicallyQuantizableLinear
torch.nn.modules.loss: BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss
torch.nn.modules.loss: HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MSELoss MarginRankingLoss MultiLabelMarginLoss
torch.nn.modules.loss: MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss
torch.nn.modules.loss: TripletMarginLoss TripletMarginWithDistanceLoss _Loss _WeightedLoss
torch.nn.modules.module: Module
torch.nn.modules.normalization: CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm
torch.nn.modules.padding: CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d
torch.nn.modules.padding: ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d
torch.nn.modules.padding: ZeroPad3d _CircularPadNd _ConstantPadNd _ReflectionPadNd _ReplicationPadNd
torch.nn.modules.pixelshuffle: PixelShuffle PixelUnshuffle
torch.nn.modules.pooling: AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
torch.nn.modules.pooling: AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d FractionalMaxPool3d LPPool1d
torch.nn.modules.pooling: LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d _AdaptiveAvgPoolNd
torch.nn.modules.pooling: _AdaptiveMaxPoolNd _AvgPoolNd _LPPoolNd _MaxPoolNd _MaxUnpoolNd
torch.nn.modules.rnn: GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase
torch.nn.modules.sparse: Embedding EmbeddingBag
torch.nn.modules.transformer: Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
torch.nn.modules.upsampling: Upsample UpsamplingBilinear2d UpsamplingNearest2d
torch.nn.parameter: Buffer Parameter UninitializedParameter
torch.optim._multi_tensor: ASGD Adadelta Adagrad Adam AdamW Adamax NAdam RAdam RMSprop Rprop SGD
torch.optim.adadelta: Adadelta
torch.optim.adagrad: Adagrad
torch.optim.adam: Adam
torch.optim.adamax: Adamax
torch.optim.adamw: AdamW
torch.optim.asgd: ASGD
torch.optim.lbfgs: LBFGS
torch.optim.lr_scheduler: ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ExponentialLR
torch.optim.lr_scheduler: LRScheduler LambdaLR LinearLR MultiStepLR MultiplicativeLR OneCycleLR PolynomialLR ReduceLROnPlateau
torch.optim.lr_scheduler: SequentialLR StepLR
torch.optim.nadam: NAdam
torch.optim.optimizer: Optimizer
torch.optim.radam: RAdam
torch.optim.rmsprop: RMSprop
torch.optim.rprop: Rprop
torch.optim.sgd: SGD
torch.optim.sparse_adam: SparseAdam
torch.optim.swa_utils: AveragedModel
torch.serialization: _get_layout()
torch.storage: TypedStorage UntypedStorage _load_from_bytes(nested)
torch.utils.data.sampler: BatchSampler RandomSampler SequentialSampler
torch: per_tensor_affine= per_channel_affine= per_tensor_symmetric= per_channel_symmetric= per_channel_affine_float_qparams=
torch.jit._pickle: build_intlist() build_tensorlist() build_doublelist() build_boollist() build_tensor_from_id() restore_type_tag()
`;
