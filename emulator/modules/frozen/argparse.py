# Command lines, as micropython-lib's argparse 0.5.0 reads them: `store`, `store_const`, `store_true` and `store_false`,
# positional arguments in one run, and `nargs` of None, '?', '*', '+' or a number.

import sys
from collections import namedtuple


class _ArgError(BaseException):
    pass


class ArgumentTypeError(BaseException):
    pass


class _Arg:
    def __init__(self, names, dest, action, nargs, const, default, help, type):
        self.names, self.dest, self.action, self.nargs = names, dest, action, nargs
        self.const, self.default, self.help, self.type = const, default, help, type

    def _apply(self, optname, arg):
        if not self.type:
            return arg
        try:
            return self.type(arg)
        except (ArgumentTypeError, TypeError, ValueError) as error:
            raise _ArgError("invalid value for %s: %s (%s)" % (optname, arg, error))

    # Takes its values from the front of `args`.
    def parse(self, optname, args):
        if self.action == "store_const":
            return self.const
        assert self.action == "store"
        count = self.nargs
        if count == "?":
            return self._apply(optname, args.pop(0) if args else self.default)
        if count in (None, "+") and not args:
            raise _ArgError("expecting value for %s" % optname)
        if count is None:
            return self._apply(optname, args.pop(0))
        left = -1 if count in ("*", "+") else int(count)
        values = []
        options = True
        while args and left:
            # A lone "-" is a value; "--" makes all that follows values.
            if options and args[0] != "-" and args[0].startswith("-"):
                if args[0] != "--":
                    break
                options = False
                args.pop(0)
                continue
            values.append(self._apply(optname, args.pop(0)))
            left -= 1
        if left > 0:
            raise _ArgError("expecting value for %s" % optname)
        return values


# The first long name, or else the first one, as a name of Python.
def _dest_from_optnames(opt_names):
    for name in opt_names:
        if name[:2] == "--":
            break
    else:
        name = opt_names[0]
    return name.lstrip("-").replace("-", "_")


class ArgumentParser:
    def __init__(self, *, description=""):
        self.description = description
        self.opt = []
        self.pos = []

    def add_argument(self, *args, **kwargs):
        setting = kwargs.get
        action = setting("action", "store")
        const = setting("const")
        default = setting("default")
        if action in ("store_true", "store_false"):
            const = action == "store_true"
            default = setting("default", not const)
            action = "store_const"
        optional = bool(args) and args[0].startswith("-")
        dest = setting("dest")
        if dest is None:
            dest = _dest_from_optnames(args) if optional else args[0]
        convert = setting("type")
        if convert is not None and not callable(convert):
            raise ValueError("type is not callable")
        arg = _Arg(args or [dest], dest, action, setting("nargs"), const, default, setting("help", ""), convert)
        (self.opt if optional else self.pos).append(arg)

    def usage(self, full):
        # What it takes.
        def shape(arg):
            if arg.action != "store":
                return ""
            if arg.nargs is None:
                return " " + arg.dest
            return (" %s(x%d)" if isinstance(arg.nargs, int) else " %s%s") % (arg.dest, arg.nargs)

        print("usage:", sys.argv[0], "[-h]", end="")
        for opt in self.opt:
            print(" [%s%s]" % (", ".join(opt.names), shape(opt)), end="")
        print("".join(shape(pos) for pos in self.pos))
        if not full:
            return
        print()
        if self.description:
            print(self.description)
        if self.pos:
            print("\npositional args:")
            for pos in self.pos:
                print("  %-16s%s" % (pos.names[0], pos.help))
        print("\noptional args:")
        print("  -h, --help      show this message and exit")
        for opt in self.opt:
            print("  %-16s%s" % (", ".join(opt.names) + shape(opt), opt.help))

    def parse_args(self, args=None):
        return self._parse_args_impl(args, False)

    def parse_known_args(self, args=None):
        return self._parse_args_impl(args, True)

    def _parse_args_impl(self, args, return_unknown):
        try:
            return self._parse_args(sys.argv[1:] if args is None else args[:], return_unknown)
        except _ArgError as error:
            self.usage(False)
            print("error:", error)
            sys.exit(2)

    def _parse_args(self, args, return_unknown):
        names = [opt.dest for opt in self.opt]
        # Text as a default is converted as if it stood on the command line.
        values = [
            opt._apply(opt.dest, opt.default) if isinstance(opt.default, str) else opt.default for opt in self.opt
        ]
        unknown = []

        # What follows something unknown may belong to it.
        def skip():
            while args and not args[0].startswith("-"):
                unknown.append(args.pop(0))

        positional_done = False
        while args or not positional_done:
            if args and args[0].startswith("-") and args[0] not in ("-", "--"):
                name = args.pop(0)
                if name in ("-h", "--help"):
                    self.usage(True)
                    sys.exit(0)
                for i, opt in enumerate(self.opt):
                    if name in opt.names:
                        values[i] = opt.parse(name, args)
                        break
                else:
                    if not return_unknown:
                        raise _ArgError("unknown option %s" % name)
                    unknown.append(name)
                    skip()
            elif not positional_done:
                for pos in self.pos:
                    names.append(pos.dest)
                    values.append(pos.parse(pos.names[0], args))
                positional_done = True
                if return_unknown:
                    skip()
            elif return_unknown:
                unknown += args
                break
            else:
                raise _ArgError("extra args: " + " ".join(args))

        parsed = namedtuple("args", names)(*values)
        return (parsed, unknown) if return_unknown else parsed


__version__ = "0.5.0"
