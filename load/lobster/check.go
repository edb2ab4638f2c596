package lobster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/audit"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// CheckJournal reads the files of an exchange that was stopped, whose directory nothing else was done in, and notes
// whether they are whole and agree with each other, and whether the journal has the audit's trades and no others. Its
// error means that they could not be read at all.
func (r *Report) CheckJournal(dir string, a *Audit) error {
	r.JournalVerified, r.TradesInJournal = false, false
	verifier, err := checkpointVerifier(dir)
	if err != nil {
		return err
	}
	found, err := audit.Verify(node.ShardDir(dir, exchange.HomeShard), audit.Options{Verifier: verifier})
	if err != nil {
		return fmt.Errorf("verifying the exchange's files: %w", err)
	}
	r.JournalVerified = found.Clean() && found.Checkpoints > 0
	for i := range found.Damage {
		r.Problems = append(r.Problems, found.Damage[i].String())
	}
	j, err := readJournal(replica.JournalDir(node.ShardDir(dir, exchange.HomeShard)))
	if err != nil {
		r.Problems = append(r.Problems, err.Error())
		return nil
	}
	r.Digest = j.Digest()
	r.TradesInJournal = slices.Equal(j.Trades, a.Trades)
	if !r.TradesInJournal {
		r.Problems = append(r.Problems, fmt.Sprintf("the journal has %d trades, the fills tell of %d, or they differ", len(j.Trades), len(a.Trades)))
	}
	return nil
}

func checkpointVerifier(dir string) (note.Verifier, error) {
	key, err := vfs.ReadFile(vfs.OS, filepath.Join(dir, node.CheckpointPubFile))
	if err != nil {
		return nil, fmt.Errorf("reading the key of the journal's checkpoints: %w", err)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return nil, fmt.Errorf("reading the key of the journal's checkpoints: %w", err)
	}
	return verifier, nil
}

// readJournal sums up a journal that nobody writes to.
func readJournal(dir string) (*Journal, error) {
	j := NewJournal()
	_, err := journal.Verify(vfs.OS, dir, journal.VerifyOptions{Each: func(record journal.Record) error {
		for seq, event := range record.All() {
			if err := j.Add(seq, event); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	return j, nil
}

// CheckProofs does the same through the API of an exchange that runs, with a proof of each trade; and the market's
// own count says that there are no others.
func (r *Report) CheckProofs(ctx context.Context, o *Outcome, a *Audit) error {
	err := o.Prove(ctx, a)
	if err != nil && !errors.Is(err, ErrDisproved) {
		return err
	}
	r.JournalVerified = err == nil
	if err != nil {
		r.Problems = append(r.Problems, err.Error())
	}
	m, err := o.Traders[Maker].Market(ctx, o.Market, o.Last)
	if err != nil {
		return fmt.Errorf("reading the market: %w", err)
	}
	r.TradesInJournal = r.JournalVerified && m.Trades == uint64(len(a.Trades))
	if m.Trades != uint64(len(a.Trades)) {
		r.Problems = append(r.Problems, fmt.Sprintf("the market counts %d trades, the fills tell of %d", m.Trades, len(a.Trades)))
	}
	return nil
}
