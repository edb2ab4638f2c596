package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tiny is a module with one function and what tests say of it.
var tiny = map[string]string{
	"go.mod": "module tiny\n\ngo 1.26\n",
	"half/half.go": `package half

import "errors"

// Of halves a number.
func Of(n int) (int, error) {
	if n%2 != 0 {
		return 0, errors.New("odd")
	}
	return n / 2, nil
}
`,
	"half/half_test.go": `package half

import "testing"

func TestHalf(t *testing.T) {
	t.Run("of four", func(t *testing.T) {
		if n, err := Of(4); n != 2 || err != nil {
			t.Errorf("half of 4 is %d, %v", n, err)
		}
	})
}

func TestBackground(t *testing.T) {
	done := make(chan bool)
	go func() {
		if n, _ := Of(6); n != 3 {
			panic("half of 6")
		}
		close(done)
	}()
	<-done
}

func TestSkipped(t *testing.T) { t.Skip("not here") }
func TestWrong(t *testing.T) { t.Error("always") }
`}

func TestTrial(t *testing.T) {
	dir := t.TempDir()
	for name, text := range tiny {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tries := newTrials(dir)
	for _, test := range []struct {
		old, new, run string
		caught        string // by which test
		err           string // a piece of why it is not known
	}{
		{"n / 2", "n / 3", "^TestHalf$", "half TestHalf/of_four", ""},
		{"n / 2", "n / 3", "^TestBackground$", "half TestBackground", ""}, // the whole program dies
		{"n%2 != 0", "n%2 != 0 && n != 3", "^TestHalf$", "", ""},          // nobody asks for half of 3
		{"return", "return", "^TestHalf$", "", "occurs 2 times"},
		{"n * 2", "n / 3", "^TestHalf$", "", "occurs 0 times"},
		{"n / 2", "n / 2", "^TestHalf$", "", "changes nothing"},
		{"n / 2", "n / )", "^TestHalf$", "", "not Go any more"},
		{`errors.New("odd")`, "nil", "^TestHalf$", "", "does not compile"},
		{"n / 2", "n / 3", "^TestNobody$", "", "no test"},
		{"n / 2", "n / 3", "^TestSkipped$", "", "all were skipped"},
		{"n / 2", "n / 3", "^TestWrong$", "", "fails without the mutant"},
	} {
		m := mutant{name: "tiny", broken: "something", file: "half/half.go", old: test.old, new: test.new, tests: tests{"half", test.run}}
		r, err := tries.try(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		if r.CaughtBy != test.caught || (r.Error == "") != (test.err == "") || !strings.Contains(r.Error, test.err) {
			t.Errorf("%q for %q in %s: caught by %q and error %q, want %q and %q",
				test.new, test.old, test.run, r.CaughtBy, r.Error, test.caught, test.err)
		}
	}
}

// A mutant that survives, and one of which nothing is known, are not caught.
func TestConclusion(t *testing.T) {
	results := []result{{Name: "a", CaughtBy: "x TestA", Seconds: 1}, {Name: "b", Broken: "b is broken"}, {Name: "c", Error: "stale"}}
	for _, test := range []struct {
		results []result
		all     bool
		want    string
	}{
		{results[:1], true, "1 mutants, 1 caught\n"},
		{results, false, "not caught: b: b is broken\nerror: c: stale\n3 mutants, 1 caught\n"},
	} {
		var out bytes.Buffer
		all, err := conclude(&out, test.results, false)
		if all != test.all || err != nil || out.String() != test.want {
			t.Errorf("%v %v %q, want %v %q", all, err, &out, test.all, test.want)
		}
	}
}

func TestChoose(t *testing.T) {
	all := []mutant{{name: "a"}, {name: "b"}, {name: "c"}}
	if some, err := choose(all, "c,a"); err != nil || len(some) != 2 || some[0].name != "c" || some[1].name != "a" {
		t.Errorf("%+v, %v", some, err)
	}
	if some, err := choose(all, ""); err != nil || len(some) != 3 {
		t.Errorf("%+v, %v", some, err)
	}
	if _, err := choose(all, "a,d"); err == nil || !strings.Contains(err.Error(), `"d"`) {
		t.Errorf("a name that is not there: %v", err)
	}
}
