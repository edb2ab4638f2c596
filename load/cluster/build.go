package cluster

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build builds the program into a directory and returns its path. It needs the Go toolchain and the sources.
func Build(dir string) (binary string, err error) {
	binary = filepath.Join(dir, "hustings")
	build := exec.Command("go", "build", "-o", binary, "github.com/hustings/hustings/cmd/hustings")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return binary, nil
}
