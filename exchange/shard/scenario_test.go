package shard_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what the model answers into the scenarios")

const scenarioFolder = "testdata/scenarios"

// TestScenarios runs every transcript against the model and against the shard. Its language is described in
// testdata/scenarios/README.md.
func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(scenarioFolder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in %s: %v", scenarioFolder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range venues() {
				t.Run(v.name(), func(t *testing.T) {
					got := transcribe(t, v, string(text))
					if *rewrite && v.name() == "model" {
						text = []byte(got)
						if err := os.WriteFile(path, text, 0o644); err != nil {
							t.Fatal(err)
						}
					}
					compareLines(t, path, string(text), got)
				})
			}
		})
	}
}

// transcribe executes the steps of a transcript and returns it with the answers that the venue gave.
func transcribe(t *testing.T, v venue, text string) string {
	t.Helper()
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	s := newStage(v)
	var out, step []string
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case line == "----":
			out = append(out, line)
			answer, err := s.run(step)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			out, step = append(out, answer...), nil
			for i+1 < len(lines) && lines[i+1] != "" { // what was expected
				i++
			}
		case line == "" && len(step) > 0:
			t.Fatalf("line %d: ---- is missing after the commands", i+1)
		case line == "" || strings.HasPrefix(line, "#"):
			out = append(out, line)
		default:
			step = append(step, line)
			out = append(out, line)
		}
	}
	if len(step) > 0 {
		t.Fatalf("---- is missing after the last commands")
	}
	return strings.Join(out, "\n") + "\n"
}

// compareLines reports the first line that differs, with the commands that led to it.
func compareLines(t *testing.T, path, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i, start := 0, 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		if w[i] == "" {
			start = i + 1
		}
		i++
	}
	t.Errorf("%s:%d differs:\n%s\nwant: %s\ngot:  %s", path, i+1, strings.Join(w[start:min(i, len(w))], "\n"),
		lineAt(w, i), lineAt(g, i))
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}
