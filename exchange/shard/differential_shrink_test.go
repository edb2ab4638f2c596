package shard_test

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
)

func recoverInto(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

// replay runs a program anew and returns the first difference.
func replay(program []op) (*harness, error) {
	h := newHarness(newCoverage())
	for i, o := range program {
		n := i + 1
		if n == len(program) {
			n = opsBetweenStates // compare the states
		}
		if err := step(h, o, n); err != nil {
			return h, err
		}
	}
	return h, nil
}

// kind is what sort of difference an error tells: the command and what differed, without the numbers.
func kind(err error) string {
	if err == nil {
		return ""
	}
	what, _, _ := strings.Cut(err.Error(), "{")
	where := "answers"
	if strings.Contains(err.Error(), "events differ") {
		where = "events"
	}
	return what + where
}

const shrinkFor = 30 * time.Second

// shrink looks for a shorter program that shows the same kind of difference. It leaves out what was refused, then what
// is about other markets than the last command, then pieces of half the length, a quarter and so on down to single
// commands, and then the waits. It stops when it has tried for long enough.
func shrink(program []op, want string) []op {
	deadline := time.Now().Add(shrinkFor)
	try := func(less []op) bool {
		if time.Now().After(deadline) {
			return false
		}
		_, err := replay(less)
		if kind(err) != want {
			return false
		}
		program = less
		return true
	}
	try(flatten(program))
	h, _ := replay(program)
	last := program[len(program)-1]
	try(without(program, func(c command) bool { return h.idle[c.serial] && !last.has(c.serial) }))
	try(without(program, func(c command) bool { return !last.has(c.serial) && !last.sameMarket(c) }))
	for size := len(program) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(program); {
			if !try(slices.Concat(program[:at], program[at+size:])) {
				at += size
			}
		}
	}
	for i := range program {
		less := slices.Clone(program)
		less[i].wait = 0
		try(less)
	}
	return program
}

// without leaves commands out, but not the time that passed before them.
func without(program []op, leaveOut func(command) bool) []op {
	less := slices.Clone(program)
	for i := range less {
		less[i].cmds = slices.DeleteFunc(slices.Clone(less[i].cmds), leaveOut)
	}
	return less
}

func (o op) has(serial uint64) bool {
	return slices.ContainsFunc(o.cmds, func(c command) bool { return c.serial == serial })
}

// sameMarket reports whether a command is about a market that one of the op's is about, or about none, or makes one.
func (o op) sameMarket(c command) bool {
	market := marketOf(c.Command)
	return market == 0 || slices.ContainsFunc(o.cmds, func(d command) bool { return marketOf(d.Command) == market })
}

func marketOf(cmd exchange.Command) uint64 {
	if f := reflect.ValueOf(cmd).Elem().FieldByName("Market"); f.IsValid() {
		return f.Uint()
	}
	return 0
}

// flatten gives every command an op of its own.
func flatten(program []op) []op {
	var flat []op
	for _, o := range program {
		if len(o.cmds) == 0 {
			flat = append(flat, o)
		}
		for i, c := range o.cmds {
			single := op{cmds: []command{c}}
			if i == 0 {
				single.wait = o.wait
			}
			flat = append(flat, single)
		}
	}
	return flat
}

// report prints a program as a transcript, and the difference that it shows.
func report(t *testing.T, program []op) {
	h, err := replay(program)
	t.Logf("a short program that shows a difference:\n%s\n%v", phrases(program, h.names), err)
}
