package wire

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
)

func TestEventsSurviveTheirBytes(t *testing.T) {
	for kind := exchange.EventKind(1); int(kind) < len(eventVersions); kind++ {
		var d Decoder
		event := sampleEvent(kind)
		frame := AppendEvent(nil, event)
		got, err := d.Event(frame)
		if err != nil {
			t.Fatalf("kind %d: %v", kind, err)
		}
		if diff := cmp.Diff(event, got); diff != "" {
			t.Errorf("kind %d changed on the way (-want +got):\n%s", kind, diff)
		}
		for cut := range len(frame) {
			if _, err := d.Event(frame[:cut]); err == nil && cut != len(frame) {
				t.Errorf("kind %d: %d of %d bytes were accepted", kind, cut, len(frame))
			}
		}
	}
}

func TestCommandsSurviveTheirBytes(t *testing.T) {
	for kind := exchange.CommandKind(1); newCommand(kind) != nil; kind++ {
		cmd := sampleCommand(kind)
		frame, err := AppendCommand([]byte("before"), cmd)
		if err != nil {
			t.Fatal(err)
		}
		frame, rest, err := Next(frame[len("before"):])
		if err != nil || len(rest) != 0 {
			t.Fatalf("kind %d: rest %d, %v", kind, len(rest), err)
		}
		got, err := ReadCommand(frame)
		if err != nil {
			t.Fatalf("kind %d: %v", kind, err)
		}
		if diff := cmp.Diff(cmd, got); diff != "" {
			t.Errorf("kind %d changed on the way (-want +got):\n%s", kind, diff)
		}
		for cut := frameHead; cut < len(frame); cut++ {
			if _, err := ReadCommand(frame[:cut:cut]); err == nil {
				t.Errorf("kind %d: %d of %d bytes were accepted", kind, cut, len(frame))
			}
		}
	}
}

func TestContentHashLeavesOutOnlyTheKey(t *testing.T) {
	frame := AppendPlaceOrder(nil, sampleCommand(exchange.KindPlaceOrder).(*exchange.PlaceOrder))
	want := ContentHash(frame, false)
	for i := range frame {
		changed := bytes.Clone(frame)
		changed[i] ^= 1
		if inKey := i >= keyAt && i < commandHead; (ContentHash(changed, false) == want) != inKey {
			t.Errorf("byte %d: inside the key is %v, and the hash says otherwise", i, inKey)
		}
	}
	for _, kind := range []exchange.CommandKind{exchange.KindPlaceOrder, exchange.KindAmendOrder} {
		plain, err1 := AppendCommand(nil, sampleCommand(kind))
		marked, err2 := AppendCommand(nil, markedCommand(kind))
		if err1 != nil || err2 != nil || bytes.Equal(plain, marked) {
			t.Fatal("a mark is not written", err1, err2)
		}
		if ContentHash(plain, false) != ContentHash(marked, false) || ContentHash(plain, true) == ContentHash(marked, true) {
			t.Errorf("kind %d: the mark is in the hash where it should not be, or is not where it should", kind)
		}
	}
}

func TestTooLongTextsAreRefused(t *testing.T) {
	for _, spec := range []exchange.MarketSpec{
		{Rules: string(make([]byte, maxFrame))},
		{Rules: string(make([]byte, maxFrame+10))},
		{Outcomes: make([]string, 256)},
	} {
		buf, err := AppendCommand([]byte("kept"), &exchange.CreateMarket{Spec: spec})
		if err != ErrTooLong || string(buf) != "kept" {
			t.Errorf("got %q, %v", buf, err)
		}
	}
}

func TestDepositOfVersion1IsBroughtUpToDate(t *testing.T) {
	v1 := []byte{32, 0, byte(exchange.KindFundsDeposited), 1, 7, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0}
	var d Decoder
	got, err := d.Event(v1)
	if err != nil {
		t.Fatal(err)
	}
	want := &exchange.FundsDeposited{Account: 7, Amount: 9, Cash: 11, Reference: "unrecorded"}
	if diff := cmp.Diff(exchange.Event(want), got); diff != "" {
		t.Error(diff)
	}
}

func FuzzEvent(f *testing.F) {
	for kind := range eventVersions {
		if kind > 0 {
			f.Add(AppendEvent(nil, sampleEvent(exchange.EventKind(kind))))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Decoder
		frame, _, err := Next(b)
		if err != nil {
			return
		}
		event, err := d.Event(frame)
		if err != nil || frame[3] != eventVersions[frame[2]] {
			return
		}
		if exchange.EventKind(frame[2]) == exchange.KindOrderExpired { // it has no reason, and what stands in its place is not read
			frame = bytes.Clone(frame)
			frame[49] = 0
		}
		if again := AppendEvent(nil, event); !bytes.Equal(again, frame) {
			t.Fatalf("%x was read and written as %x", frame, again)
		}
	})
}

func FuzzCommand(f *testing.F) {
	for kind := exchange.CommandKind(1); newCommand(kind) != nil; kind++ {
		frame, _ := AppendCommand(nil, sampleCommand(kind))
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, _, err := Next(b)
		if err != nil {
			return
		}
		cmd, err := ReadCommand(frame)
		if err != nil {
			return
		}
		if _, err := AppendCommand(nil, cmd); err != nil {
			t.Fatalf("%x was read and cannot be written: %v", frame, err)
		}
	})
}

// What can be proposed is one of four kinds, has no key, and is written as it is read again.
func FuzzProposable(f *testing.F) {
	for kind := exchange.CommandKind(1); newCommand(kind) != nil; kind++ {
		cmd := sampleCommand(kind)
		if c, ok := cmd.(*exchange.SetApprovals); ok {
			c.Followed = false
		}
		frame, err := Proposable(cmd)
		if err != nil {
			f.Fatal(err)
		}
		_, ok := ReadProposable(frame)
		switch kind {
		case exchange.KindResolveMarket, exchange.KindVoidMarket, exchange.KindWithdraw, exchange.KindSetApprovals:
			if keyed, _ := AppendCommand(nil, cmd); !ok || !refusesProposal(keyed) || !refusesProposal(append(frame, 0)) {
				f.Errorf("%T: read %v, or it is read with a key, or with more behind it", cmd, ok)
			}
		default:
			if ok {
				f.Errorf("%T can be proposed", cmd)
			}
		}
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		act, ok := ReadProposable(b)
		if !ok {
			return
		}
		frame, err := Proposable(act)
		if err != nil {
			t.Fatalf("%x was read and cannot be written: %v", b, err)
		}
		if again, ok := ReadProposable(frame); !ok || !cmp.Equal(act, again) {
			t.Fatalf("%x was read as %+v and then as %+v", b, act, again)
		}
	})
}

func refusesProposal(frame []byte) bool {
	_, ok := ReadProposable(frame)
	return !ok
}
