package lobster

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

func summarize(t *testing.T, events ...exchange.Event) *Journal {
	t.Helper()
	j := NewJournal()
	for i, event := range events {
		if err := j.Add(uint64(i+1), wire.AppendEvent(nil, event)); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func TestDigestLeavesOutWhatIsRandom(t *testing.T) {
	run := func(secret byte, cash exchange.Money) *Journal {
		return summarize(t,
			&exchange.AccountRegistered{Account: 1, Name: "ada", PasswordHash: string(secret)},
			&exchange.CredentialCreated{Account: 1, Credential: 1, Hash: [32]byte{secret}, ExpireAt: exchange.Time(secret)},
			&exchange.OrderMatched{Maker: 5, Taker: 6, Quantity: 7, Price: 8, MakerCash: cash},
		)
	}
	first := run('a', 1)
	if second := run('b', 1); first.Digest() != second.Digest() {
		t.Error("secrets and times change the digest")
	}
	if other := run('a', 2); first.Digest() == other.Digest() {
		t.Error("money does not change the digest")
	}
	if want := []Trade{{Seq: 3, Maker: 5, Taker: 6, Quantity: 7, Price: 8}}; !slices.Equal(first.Trades, want) || first.Events != 3 {
		t.Errorf("%d events, trades %+v; want 3, %+v", first.Events, first.Trades, want)
	}
	if err := NewJournal().Add(1, []byte{4, 0, 255, 1}); err == nil {
		t.Error("an unknown event was taken")
	}
}

func TestReconciledNeedsEverything(t *testing.T) {
	whole := Report{AsExpected: true, AnswersRight: true, FillsMatched: true, MoneyConserved: true,
		PositionsBalanced: true, JournalVerified: true, TradesInJournal: true}
	yes, no := true, false
	for name, change := range map[string]func(*Report){
		"expected": func(r *Report) { r.AsExpected = false },
		"answers":  func(r *Report) { r.AnswersRight = false },
		"fills":    func(r *Report) { r.FillsMatched = false },
		"money":    func(r *Report) { r.MoneyConserved = false },
		"balance":  func(r *Report) { r.PositionsBalanced = false },
		"verified": func(r *Report) { r.JournalVerified = false },
		"journal":  func(r *Report) { r.TradesInJournal = false },
		"repeated": func(r *Report) { r.Repeated = &no },
	} {
		r := whole
		change(&r)
		if r.Judge(); r.Reconciled {
			t.Errorf("%s: reconciled without it", name)
		}
	}
	whole.Repeated = &yes
	if whole.Judge(); !whole.Reconciled {
		t.Error("not reconciled with everything")
	}
}
