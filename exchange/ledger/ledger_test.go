package ledger

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
	"pgregory.net/rapid"
)

func TestAccounts(t *testing.T) {
	var l Ledger
	for want := exchange.AccountID(1); want <= 1000; want++ {
		if id := l.Register(uint32(want)); id != want {
			t.Fatalf("account %d is called %d", want, id)
		}
	}
	for _, id := range []exchange.AccountID{1, 500, 1000} {
		if a := l.Account(id); a == nil || a.MaxOpenOrders != uint32(id) || a.Version != 1 {
			t.Errorf("account %d is %+v", id, a)
		}
	}
	for _, id := range []exchange.AccountID{0, 1001, 1 << 31} {
		if l.Account(id) != nil {
			t.Errorf("there is an account %d", id)
		}
	}
}

// Positions are found by account and book through any sequence of making and dropping, and after a restart.
func TestPositionsAreFound(t *testing.T) {
	type key struct {
		account exchange.AccountID
		book    uint32
	}
	rapid.Check(t, func(t *rapid.T) {
		var l Ledger
		model := map[key]uint32{}
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			k := key{exchange.AccountID(rapid.IntRange(1, 12).Draw(t, "account")), uint32(rapid.IntRange(1, 12).Draw(t, "book"))}
			if slot := model[k]; slot != 0 {
				l.DropPosition(slot)
				delete(model, k)
			} else {
				model[k] = l.MakePosition(k.account, k.book, 77)
			}
		}
		if rapid.Bool().Draw(t, "restart") {
			l.index = slab.Index{}
			l.Restore()
		}
		for account := exchange.AccountID(1); account <= 12; account++ {
			for book := uint32(1); book <= 12; book++ {
				want := model[key{account, book}]
				if got := l.Position(account, book); got != want {
					t.Fatalf("account %d, book %d: got slot %d, want %d", account, book, got, want)
				}
				if want != 0 && *l.Positions.At(want) != (Position{Account: account, Book: book, Next: 77}) {
					t.Fatalf("account %d, book %d: got %+v", account, book, l.Positions.At(want))
				}
			}
		}
	})
}
