package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table prints one line for each mutant, in columns as wide as the widest of all.
type table struct {
	w                 io.Writer
	name, pkg, broken int
}

func newTable(w io.Writer, all []mutant) *table {
	t := &table{w: w, name: len("mutant"), pkg: len("package"), broken: len("what is broken")}
	for i := range all {
		t.name = max(t.name, utf8.RuneCountInString(all[i].name))
		t.pkg = max(t.pkg, utf8.RuneCountInString(all[i].pkg()))
		t.broken = max(t.broken, utf8.RuneCountInString(all[i].broken))
	}
	return t
}

func (t *table) row(name, pkg, broken, took, caught string) {
	line := fmt.Sprintf("%-*s  %-*s  %-*s  %6s  %s", t.name, name, t.pkg, pkg, t.broken, broken, took, caught)
	fmt.Fprintln(t.w, strings.TrimRight(line, " "))
}

func (t *table) head() { t.row("mutant", "package", "what is broken", "s", "caught by") }

// list prints mutants without a result, and where to look for one.
func (t *table) list(all []mutant) {
	t.row("mutant", "package", "what is broken", "", "expected to catch it")
	for i := range all {
		m := &all[i]
		t.row(m.name, m.pkg(), m.broken, "", m.tests.pkg+" "+m.tests.run)
	}
}

func (t *table) result(r *result) {
	caught := r.CaughtBy
	switch {
	case r.Error != "":
		caught = "ERROR: " + r.Error
	case caught == "":
		caught = "NOT CAUGHT"
	}
	t.row(r.Name, r.Package, r.Broken, fmt.Sprintf("%.1f", r.Seconds), caught)
}

// conclude prints the last line, and before it what was not caught. It reports whether everything was.
func conclude(w io.Writer, results []result, asJSON bool) (all bool, err error) {
	caught := 0
	for i := range results {
		if r := &results[i]; r.Error == "" && r.CaughtBy != "" {
			caught++
		} else if r.Error != "" {
			fmt.Fprintf(w, "error: %s: %s\n", r.Name, r.Error)
		} else {
			fmt.Fprintf(w, "not caught: %s: %s\n", r.Name, r.Broken)
		}
	}
	fmt.Fprintf(w, "%d mutants, %d caught\n", len(results), caught)
	if asJSON {
		err = json.NewEncoder(w).Encode(struct {
			Mutants int      `json:"mutants"`
			Caught  int      `json:"caught"`
			Results []result `json:"results"`
		}{len(results), caught, results})
	}
	return caught == len(results), err
}
