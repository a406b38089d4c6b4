import builtins
import micropython

print("frozen main")
print("names:", [name for name in ("eval", "exec", "compile", "execfile") if hasattr(builtins, name)])
print("opt_level:", hasattr(micropython, "opt_level"))
try:
    import source
except ImportError as error:
    print("source:", repr(error))
