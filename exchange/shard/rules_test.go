package shard

import (
	"errors"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

func switchTo(t *testing.T, s *Shard, version uint32) error {
	t.Helper()
	batch, err := wire.AppendCommand(wire.AppendBatchHead(nil, 1, 1), &exchange.SwitchRules{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return s.Apply(batch, new(Output))
}

// wantsUpgrade fails the test if an error is not the one that tells the operator what to do.
func wantsUpgrade(t *testing.T, err error) {
	t.Helper()
	const text = "this version of hustings knows rules up to 1, the log asks for 2: upgrade this node"
	var rules *RulesError
	if !errors.As(err, &rules) || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want: %s", err, text)
	}
}

func TestUnknownRulesStopTheShard(t *testing.T) {
	old := New()
	old.Support(1)
	wantsUpgrade(t, switchTo(t, old, 2))
	if err := switchTo(t, New(), exchange.RulesVersion); err != nil {
		t.Error(err)
	}
	if err := switchTo(t, New(), exchange.RulesVersion+1); err == nil {
		t.Error("rules were switched to a version that this program does not know")
	}
}

func TestSnapshotKeepsTheRules(t *testing.T) {
	s := New()
	if s.Rules() != exchange.FirstRules {
		t.Fatalf("a shard begins with version %d", s.Rules())
	}
	before, _ := dump(t, s.Freeze())
	s.Thaw()
	if err := switchTo(t, s, 2); err != nil {
		t.Fatal(err)
	}
	frozen := s.Freeze()
	after, load := dump(t, frozen)
	if loaded := load(); loaded.Rules() != 2 || before == after {
		t.Errorf("loaded with version %d; equal hashes: %v", loaded.Rules(), before == after)
	}
	old := NewLoader()
	old.Support(1)
	wantsUpgrade(t, frozen.Chunks(1<<12, old.Chunk))
}
