package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A mutant is one planted bug.
type mutant struct {
	name   string // unique; begins with what it is about
	broken string // what it does wrong, as a clause
	file   string // slash-separated, from the root of the module
	old    string // occurs exactly once in the file
	new    string
	tests  tests // expected to catch it
}

// tests are those of a package whose names match an expression, as in go test -run.
type tests struct{ pkg, run string }

// pkg is the package that the mutant is planted in.
func (m *mutant) pkg() string { return path.Dir(m.file) }

// apply returns the file with the bug in it. If the text to replace does not occur exactly once, the mutant is stale.
func (m *mutant) apply(root string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return nil, fmt.Errorf("stale: reading what it changes: %w", err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		return nil, fmt.Errorf("stale: its text occurs %d times in %s, not once: %q", n, m.file, m.old)
	}
	changed := strings.Replace(string(source), m.old, m.new, 1)
	if changed == string(source) {
		return nil, fmt.Errorf("it changes nothing in %s", m.file)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), m.file, changed, parser.SkipObjectResolution); err != nil {
		return nil, fmt.Errorf("not Go any more: %w", err)
	}
	return []byte(changed), nil
}
