package chaos

import (
	"fmt"
	"os"
	"testing"

	"github.com/hustings/hustings/faults/hosts"
	"github.com/hustings/hustings/load/cluster"
)

var binary string // the program under test

func TestMain(m *testing.M) {
	os.Exit(hosts.Run(func() int { return buildAndRun(m) }))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hustings-chaos")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if binary, err = cluster.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
