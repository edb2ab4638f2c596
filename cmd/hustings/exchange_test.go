package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/api"
)

func TestExchangeCommands(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	halted, _ := answering(t, 200, api.ExchangeInfo{Halted: true, Rules: 4})
	open, _ := answering(t, 200, api.ExchangeInfo{Rules: 4})
	done, _ := answering(t, 200, api.HaltAnswer{Receipt: api.Receipt{Seq: 9, Time: 1}, Halted: true})
	old, _ := refusing(t, api.CodeRulesTooOld)
	for _, c := range []struct {
		verb, url, out string
		code           int
	}{
		{"status", open, "open     orders are taken      rules 4\n", 0},
		{"status", halted, "HALTED   no orders are taken   rules 4\n", exitHalted},
		{"status", "http://127.0.0.1:1", "", exitNoAnswer},
		{"halt", done, "Halted: no orders are taken. hustings exchange resume ends that.\n", 0},
		{"resume", done, "Orders are taken.\n", 0},
		{"halt", old, "", -1},
	} {
		out, err := runHere(t, "exchange", c.verb, "--key-file", key, "--admin", c.url)
		code := 0
		if coded := (exitError{}); errors.As(err, &coded) {
			code = coded.code
		} else if err != nil {
			code = -1
		}
		if out != c.out || code != c.code {
			t.Errorf("%s: %q, exit code %d (%v), want %q, %d", c.verb, out, code, err, c.out, c.code)
		}
	}
}
