/** First parts of modules whose functions run programs, open files or connections, or reach into the interpreter: naming one is already grave. */
const roots = new Set(
  `__builtin__ __builtins__ __main__ _codecs _ctypes _frozen_importlib _frozen_importlib_external _imp _io _operator _osx_support
  _aix_support _pickle _posixsubprocess _pyrepl _socket _sqlite3 _ssl _thread _winapi _xxsubinterpreters aiohttp ast asyncio asyncore atexit
  base64 bdb bootstrap builtins cProfile cgi cgitb cloudpickle cmd code codecs codeop commands compileall concurrent configparser copy copyreg
  copy_reg ctypes curses dbm dill distutils dis doctest email ensurepip execnet fabric faulthandler fcntl fileinput ftplib functools gc
  getattr getpass glob gunicorn http httplib httpx idlelib imaplib imp importlib inspect io ipykernel IPython itertools jedi jinja2 joblib
  jsonpickle keras lib2to3 linecache lldb logging mailbox mailcap marshal mmap modulefinder msilib multiprocessing netrc nntplib nt ntpath
  operator optparse os pathlib paramiko parso pdb pexpect pickle pickletools pip pipes pkg_resources pkgutil platform plistlib poplib popen2
  posix posixpath profile pstats pty py_compile pyclbr pydoc pydoc_data pytest readline requests resource rlcompleter runpy sched select
  selectors setuptools shelve shutil signal site smtpd smtplib socket socketserver sqlite3 srsly ssl string subprocess symtable sys sysconfig
  tabnanny tarfile telnetlib tempfile tensorflow test textwrap this threading timeit tkinter tokenize torch_xla trace traceback tracemalloc
  turtle turtledemo types typing unittest urllib urllib2 urllib3 uu uuid venv virtualenv warnings wave weakref webbrowser winreg wsgiref xdrlib
  xml xmlrpc yaml zipapp zipfile zipimport`.split(/\s+/),
);

/** Parts of the frameworks that load, fetch, compile or call. */
const parts =
  `numpy.ctypeslib numpy.distutils numpy.f2py numpy.lib numpy.testing pandas.core.computation pandas.io pandas.util scipy._lib
  scipy.io scipy.stats scipy.weave sklearn.datasets sklearn.externals sklearn.utils._testing sklearn.utils.fixes torch._C torch._dynamo
  torch._inductor torch._jit_internal torch.distributed torch.export torch.fx torch.hub torch.jit torch.multiprocessing torch.onnx
  torch.package torch.serialization torch.testing torch.utils torch.library torch.ops torch.classes transformers.utils
  transformers.dynamic_module_utils`.split(/\s+/);

/** Functions at the top of a framework, by name. */
const functions = new Set([
  "numpy load",
  "numpy loads",
  "numpy fromfile",
  "numpy genfromtxt",
  "numpy loadtxt",
  "numpy memmap",
  "numpy save",
  "numpy savez",
  "numpy savetxt",
  "numpy vectorize",
  "numpy frompyfunc",
  "numpy fromfunction",
  "numpy apply_along_axis",
  "numpy piecewise",
  "pandas eval",
  "pandas read_pickle",
  "pandas read_csv",
  "torch load",
  "torch save",
  "torch compile",
  "torch from_file",
  "scipy LowLevelCallable",
]);

/** True for what, when it is called, is an attack and not a type that nobody has vetted yet. A dotted name reaches through a module. */
export function isDangerous(module: string, name: string): boolean {
  if (roots.has(module.split(".")[0]!) || name.includes(".") || functions.has(`${module} ${name}`)) return true;
  return parts.some((part) => module === part || module.startsWith(`${part}.`));
}
