package audit

import (
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Every command has its name in what is told of a refusal.
func TestEveryCommandHasAName(t *testing.T) {
	if last := nameOf(commands, uint8(exchange.KindDecideAct)); last != "DecideAct" || len(commands) != int(exchange.KindDecideAct)+1 {
		t.Errorf("%d names, the last command is called %s", len(commands), last)
	}
}

// Who reads the journal sees what was proposed, and not its bytes.
func TestProposalsAreDescribed(t *testing.T) {
	act, err := wire.Proposable(&exchange.Withdraw{Account: 7, Amount: 100_0000, Reference: "wire"})
	if err != nil {
		t.Fatal(err)
	}
	said := describe(1, wire.AppendEvent(nil, &exchange.ActProposed{Account: 3, Proposal: 5, Act: act})).String()
	for _, part := range []string{"account 3", "proposal 5", "(Withdraw account 7", "amount 100.0000", `"wire"`} {
		if !strings.Contains(said, part) {
			t.Errorf("%s does not say %s", said, part)
		}
	}
	if said = describe(2, wire.AppendEvent(nil, &exchange.ActDecided{Verdict: exchange.ProposalLapsed})).String(); !strings.Contains(said, "lapsed") {
		t.Error(said)
	}
}
