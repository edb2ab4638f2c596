// Package hustings holds the checks that are about the project as a whole.
package hustings

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hustings/hustings/"

// imports says which packages of the project each package may import. Imports point downward only; a path that ends
// in /... stands for everything below it. Names of groups are written in capitals.
//
// The core is pure: it may import of the project what is listed, and of the standard library nothing that does I/O,
// reads a clock or draws at random.
var imports = map[string]string{
	"exchange":             "",
	"exchange/slab":        "",
	"exchange/wire/codec":  "exchange",
	"exchange/wire":        "exchange exchange/wire/codec",
	"exchange/book":        "exchange exchange/slab exchange/wire/codec",
	"exchange/ledger":      "exchange exchange/slab exchange/wire/codec",
	"exchange/market":      "exchange exchange/idempotency exchange/wire/codec",
	"exchange/timer":       "exchange exchange/slab exchange/wire/codec",
	"exchange/idempotency": "exchange exchange/slab exchange/wire/codec",
	"exchange/part":        "exchange exchange/wire/codec",
	"exchange/projection":  "exchange exchange/slab exchange/part exchange/wire exchange/wire/codec",
	"exchange/model":       "exchange exchange/part exchange/wire",
	"exchange/shard":       "exchange/...",

	"placement": "exchange",

	"vfs":               "",
	"wal":               "vfs",
	"journal/merkle":    "",
	"journal/index":     "vfs journal/merkle",
	"journal":           "vfs journal/...",
	"replica":           "exchange/... journal/... vfs wal",
	"sim":               "exchange/... journal placement replica courier vfs",
	"audit":             "exchange/... journal/... vfs wal replica",
	"api":               "exchange",
	"config":            "guard",
	"guard":             "",
	"gateway":           "exchange/... api guard signature latency tracing api/reference api/shape",
	"signature":         "",
	"certificate":       "",
	"gateway/merge":     "exchange exchange/projection exchange/wire gateway placement",
	"peer":              "certificate",
	"client":            "exchange api signature",
	"courier":           "exchange exchange/projection",
	"router":            "exchange exchange/projection exchange/wire courier placement replica tracing",
	"node":              "exchange/... journal/... vfs replica api gateway gateway/merge guard peer placement router certificate latency tracing watch feed",
	"setup":             "config node peer vfs",
	"load/...":          "guard placement router exchange/... journal/... api client config setup node replica audit vfs wal load/... watch",
	"faults":            "...",
	"faults/chaos":      "...",
	"faults/history":    "",
	"faults/hosts":      "",
	"faults/mutants":    "",
	"cmd/hustings":      "...",
	"latency":           "",
	"tracing":           "",
	"tracing/collector": "",
	"watch":             "exchange exchange/wire",
	"top":               "api client latency",
	"api/openapi":       "exchange api",
	"api/reference":     "api api/openapi",
	"api/shape":         "api exchange exchange/projection",
	"faults/attacks":    "",
	"feed":              "exchange exchange/projection exchange/wire api api/shape feed/message latency",
	"feed/message":      "exchange api",
	"client/feed":       "api client exchange feed/message",
	"desk":              "api client client/feed exchange feed/message",
}

// impure are packages of the standard library that the core may not import.
var impure = []string{"os", "io/fs", "net", "time", "math/rand", "math/rand/v2", "crypto/rand", "syscall", "log", "log/slog", "sync/atomic"}

// mayBeImpure are exceptions, each with its reason.
var mayBeImpure = map[string]string{
	"exchange time":                   "Time.Std converts to a time.Time and back; no clock is read",
	"exchange/projection sync/atomic": "readers find out without a lock how far it has come",
	"exchange/projection time":        "cursors and waiting take durations; no clock is read",
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func matches(pattern, path string) bool {
	if below, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(path, below) || path == strings.TrimSuffix(below, "/")
	}
	return pattern == path
}

func allowed(path string) (patterns []string, known bool) {
	if list, ok := imports[path]; ok {
		return strings.Fields(list), true
	}
	for pattern, list := range imports {
		if matches(pattern, path) {
			return strings.Fields(list), true
		}
	}
	return nil, false
}

func TestImportsPointDownward(t *testing.T) {
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		if p.ImportPath+"/" == module {
			continue
		}
		patterns, known := allowed(path)
		if !known {
			t.Errorf("package %s is not in the table: add it where it belongs", path)
		}
		for _, imported := range p.Imports {
			if rest, ours := strings.CutPrefix(imported, module); ours {
				if !slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, rest) }) {
					t.Errorf("%s imports %s, which the table does not allow", path, rest)
				}
				continue
			}
			if strings.HasPrefix(path, "exchange") && slices.Contains(impure, imported) && mayBeImpure[path+" "+imported] == "" {
				t.Errorf("%s is of the core and imports %s", path, imported)
			}
		}
	}
}
