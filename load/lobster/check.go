package lobster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

// CheckJournal reads the journal in the directory of an exchange that was stopped, and notes whether it is whole and
// has the audit's trades and no others. Its error means that the journal could not be read at all.
func (r *Report) CheckJournal(dir string, a *Audit) error {
	key, err := vfs.ReadFile(vfs.OS, filepath.Join(dir, node.CheckpointPubFile))
	if err != nil {
		return fmt.Errorf("reading the key of the journal's checkpoints: %w", err)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return fmt.Errorf("reading the key of the journal's checkpoints: %w", err)
	}
	j := NewJournal()
	found, err := journal.Verify(vfs.OS, filepath.Join(node.ShardDir(dir), "journal"), journal.VerifyOptions{
		Verifier: verifier,
		Each: func(record journal.Record) error {
			for seq, event := range record.All() {
				if err := j.Add(seq, event); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if err != nil && !errors.Is(err, journal.ErrCorrupt) {
		return fmt.Errorf("verifying the journal: %w", err)
	}
	r.JournalVerified = err == nil && len(found.Problems) == 0 && found.Checkpoints > 0
	if !r.JournalVerified {
		r.Problems = append(r.Problems, fmt.Sprintf("the journal does not verify: %v, %v, %d checkpoints", err, found.Problems, found.Checkpoints))
	}
	r.TradesInJournal = slices.Equal(j.Trades, a.Trades)
	if !r.TradesInJournal {
		r.Problems = append(r.Problems, fmt.Sprintf("the journal has %d trades, the fills tell of %d, or they differ", len(j.Trades), len(a.Trades)))
	}
	r.Digest = j.Digest()
	return nil
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
