package audit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/vfs"
)

// Files of earlier versions verify, and replay to what was recorded.
func TestGoldenDirectory(t *testing.T) {
	const golden = "../replica/testdata/golden-v1/shard-1"
	fsys := vfs.NewMem()
	err := filepath.WalkDir(golden, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(golden, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			put(t, fsys, filepath.Join(dir, name), content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := verify(t, fsys)
	for _, f := range r.Damage {
		t.Error(f.String())
	}
	if r.Snapshots != 2 || r.Checkpoints != 1 || r.Events < 1000 {
		t.Errorf("%+v", r)
	}
	if again := replayLog(t, fsys, ReplayOptions{}); !again.Same() {
		t.Errorf("%+v", again)
	}
}
