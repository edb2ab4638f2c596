package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/audit"
)

func TestReplayedDifferencesSideBySide(t *testing.T) {
	event := func(seq uint64, kind string, fields ...audit.Field) *audit.Event {
		return &audit.Event{Seq: seq, Kind: kind, Fields: fields}
	}
	c := &cobra.Command{}
	var b strings.Builder
	c.SetOut(&b)
	err := printReplayed(c, &replayReport{Dir: "data/shard-1", Version: "v0.1.0", Seconds: 1.5, Replay: &audit.Replay{
		Entries: 1234, Commands: 5678, Events: 9999, Unwritten: 3, Differing: 7,
		Differences: []audit.Difference{{Index: 42, Time: 1_793_742_420_000_000_000, Changes: []audit.Change{
			{Recorded: event(8, "OrderMatched", audit.Field{Name: "price", Value: "0.5000"}, audit.Field{Name: "taker fee", Value: "0.0123"}),
				Replayed: event(8, "OrderMatched", audit.Field{Name: "price", Value: "0.5000"}, audit.Field{Name: "taker fee", Value: "0.0124"})},
			{Recorded: event(9, "OrderRested", audit.Field{Name: "order", Value: "17"})},
			{Replayed: event(9, "OrderCancelled", audit.Field{Name: "order", Value: "17"}, audit.Field{Name: "reason", Value: "group"})},
		}}},
		Kinds:    map[string]audit.Tally{"OrderRested": {Recorded: 1}, "OrderMatched": {Changed: 1}, "OrderCancelled": {Replayed: 1}},
		Balances: []audit.Balance{{Account: 3, Name: "ada", Recorded: audit.Money{Cash: 10_000}, Replayed: audit.Money{Cash: 9_999}}},
		State:    []string{"market 1: fees 0.0123, other 0.0124"},
	}}, 10, true)
	if err != nil {
		t.Fatal(err)
	}
	want := `Replayed data/shard-1 through hustings v0.1.0, from the first entry
5,678 commands in 1,234 entries gave 9,999 events, in 1.5 s
The last 3 of the events are not in the journal yet and were not compared.

Entry 42, 2026-11-03T21:47:00Z
  event 8, OrderMatched  recorded  replayed
    taker fee            0.0123    0.0124
  event 9, only recorded: OrderRested order 17
  event 9, only replayed: OrderCancelled order 17, reason group

7 of 1,234 entries differ; 6 of them are not shown (--limit)
  events          changed  only recorded  only replayed
  OrderCancelled  0        0              1
  OrderMatched    1        0              0
  OrderRested     0        1              0

Accounts that would have other money: 1
  account  name  cash recorded  replayed  held recorded  replayed  owed recorded  replayed
  3        ada   1.0000         0.9999    0.0000         0.0000    0.0000         0.0000

What else would differ at the end, recorded first
  market 1: fees 0.0123, other 0.0124
`
	got, object, _ := strings.Cut(b.String(), "{")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if !strings.Contains(object, `"recorded":{"cash":"1.0000","held":"0.0000","owed":"0.0000"}`) {
		t.Errorf("JSON: %s", object)
	}
}
