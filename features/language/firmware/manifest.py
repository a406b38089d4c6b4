# Modules of every kind, for the specs of frozen modules.
freeze("parts", ("frozen_code.py", "fast.py", "bare/leaf.py"))
package("pack", base_path="parts")
module("optimised.py", base_path="parts", opt=3)
module("large.py")
freeze_as_str("texts")
include("versions")
