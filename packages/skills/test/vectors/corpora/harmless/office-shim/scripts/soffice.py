import os
import subprocess
import tempfile

env = os.environ.copy()
shim = os.path.join(tempfile.gettempdir(), "shim.so")
if os.path.exists(shim):
    env["LD_PRELOAD"] = str(shim)
subprocess.run(["soffice", "--headless", "--convert-to", "pdf"], env=env, check=True)
