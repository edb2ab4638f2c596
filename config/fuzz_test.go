package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Whatever stands in a node's file, it is refused, saying where, or gives a configuration that is read again as it was.
func FuzzLoad(f *testing.F) {
	f.Add(least)
	f.Add("node = 1\nregion = \"x\"\n[listen]\napi = \"[::]:80\"\npeers = \":7000\"\n[timing]\nheartbeat = \"10ms\"\nelection = \"1s\"\n[feed]\nqueue = 1\n")
	f.Add("node = 1\nnode = 2\n")
	f.Add("[[member]]\nnode = 65536\npeers = \"x\"\n[https]\ndomain = \"example.com\"\n[tracing]\nshare = nan\n")
	f.Add("\xff = 1")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "hustings.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Load(path)
		if err != nil {
			var located *Error
			if !errors.As(err, &located) || located.File != path || located.Line < 0 {
				t.Errorf("it is not said where: %v", err)
			}
			return
		}
		written, err := Format(*file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, written, 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := Load(path)
		if err != nil {
			t.Fatalf("what was taken is refused when it is written again: %v\n%s", err, written)
		}
		if twice, err := Format(*again); err != nil || string(twice) != string(written) {
			t.Errorf("%v: written twice it is\n%s\nand\n%s", err, written, twice)
		}
	})
}
