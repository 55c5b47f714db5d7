/** First parts of modules whose functions run programs, open files or connections, or reach into the interpreter: naming one is already grave. */
const roots = new Set(
  `__builtin__ __builtins__ _codecs _io _operator _osx_support _aix_support _pickle _posixsubprocess _pyrepl _winapi aiohttp asyncio atexit
  base64 bdb bootstrap builtins cProfile cgitb cloudpickle code codecs codeop commands concurrent copy copyreg ctypes dbm dill distutils
  dis doctest ensurepip faulthandler fcntl fileinput ftplib functools gc getattr glob http httplib idlelib imaplib imp importlib inspect io
  itertools joblib jsonpickle lib2to3 linecache logging mailcap marshal mmap multiprocessing nntplib nt ntpath operator os pathlib pdb
  pickle pip pipes pkgutil platform poplib popen2 posix posixpath profile pstats pty py_compile pydoc resource requests rlcompleter runpy
  sched select setuptools shelve shutil signal site smtpd smtplib socket socketserver sqlite3 ssl subprocess sys sysconfig tarfile telnetlib
  tempfile test this threading timeit tkinter trace traceback turtle types typing unittest urllib urllib2 uuid venv warnings webbrowser
  xml xmlrpc zipapp zipfile zipimport`.split(/\s+/),
);

/** True for modules from which a call is an attack and not a type that nobody has vetted yet. */
export function isDangerous(module: string): boolean {
  return roots.has(module.split(".")[0]!);
}
