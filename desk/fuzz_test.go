package desk

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Whatever stands in a profile, it is refused or read, and what was read is written as it was.
func FuzzProfile(f *testing.F) {
	f.Add("api = [\"http://127.0.0.1:8080\"]\nname = \"ada\"\nkey = \"pm_x\"\n")
	f.Add("[api]\nname = 1\n")
	f.Add("other = true\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, _, err := readProfile(path)
		if err != nil {
			return
		}
		if err := writeProfile(path, p); err != nil {
			t.Fatal(err)
		}
		again, shared, err := readProfile(path)
		if err != nil || shared || again.Name != p.Name || again.Key != p.Key || !slices.Equal(again.API, p.API) {
			t.Errorf("%+v was written and read as %+v: %v", p, again, err)
		}
	})
}
