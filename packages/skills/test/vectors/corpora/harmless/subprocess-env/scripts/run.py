import os
import subprocess

env = os.environ.copy()
env["LC_ALL"] = "C"
subprocess.run(["make", "all"], env=env, check=True)
