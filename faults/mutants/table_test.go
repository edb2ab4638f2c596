package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestEveryMutantApplies keeps the table fresh without running it: what each mutant changes is there once, what comes of
// it is Go, and there is a test of the kind that is to catch it.
func TestEveryMutantApplies(t *testing.T) {
	dir, all := root(t), mutants()
	if len(all) < 30 {
		t.Errorf("there are only %d mutants", len(all))
	}
	names := map[string]bool{}
	for i := range all {
		m := &all[i]
		if names[m.name] {
			t.Errorf("two mutants are named %s", m.name)
		}
		names[m.name] = true
		if _, err := m.apply(dir); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		if !hasTest(t, dir, m.tests) {
			t.Errorf("%s: no test of %s matches %s", m.name, m.tests.pkg, m.tests.run)
		}
	}
}

func hasTest(t *testing.T, root string, names tests) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(names.pkg), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(names.run, "/")
	pattern := regexp.MustCompile(first)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" && pattern.MatchString(f.Name.Name) {
				return true
			}
		}
	}
	return false
}

// TestCheapMutantsAreCaught tries a few for real, the working tree untouched.
func TestCheapMutantsAreCaught(t *testing.T) {
	dir := root(t)
	some, err := choose(mutants(), "log-sync-skipped,book-best-bid-off-by-a-tick,money-fee-rounded-down")
	if err != nil {
		t.Fatal(err)
	}
	tries := newTrials(dir)
	for i := range some {
		m := &some[i]
		name := filepath.Join(dir, filepath.FromSlash(m.file))
		before, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tries.try(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if r.Error != "" || !strings.HasPrefix(r.CaughtBy, m.tests.pkg+" Test") || r.Said == "" {
			t.Errorf("%s: caught by %q, which said %q; error %s", m.name, r.CaughtBy, r.Said, r.Error)
		}
		if after, err := os.ReadFile(name); err != nil || string(after) != string(before) {
			t.Errorf("%s has changed %s: %v", m.name, m.file, err)
		}
	}
}
