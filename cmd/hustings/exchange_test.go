package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
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

// What an operator asks of two-person acts is answered in words, with what to do next.
func TestApprovalCommands(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	none, _ := answering(t, 200, api.Approvals{})
	both, _ := answering(t, 200, api.Approvals{Reversals: true, Withdrawals: 1_000_0000})
	waits, _ := answering(t, 202, api.ApprovalsAnswer{Receipt: api.Receipt{Seq: 9, Time: 1}, Reversals: true, Proposal: 4})
	nothing, _ := answering(t, 200, api.Proposals{})
	some, _ := answering(t, 200, api.Proposals{Proposals: []api.Proposal{
		{Proposal: 3, Operator: 5, Key: 6, LapsesAt: 1_000_000_000, Act: "resolveMarket", Market: 7, Values: []api.Price{0, 10_000}, Source: "a recount"},
		{Proposal: 4, LapsesAt: 2_000_000_000, Act: "voidMarket", Market: 7, Reason: "a mistake"},
		{Proposal: 5, LapsesAt: 2_000_000_000, Act: "adminWithdraw", Account: 8, Amount: 50_0000, Reference: "wire"},
		{Proposal: 6, LapsesAt: 2_000_000_000, Act: "setApprovals", Approvals: &api.SetApprovals{Reversals: true}}}})
	done, _ := answering(t, 200, api.ProposalAnswer{Receipt: api.Receipt{Seq: 9, Time: 1}, Proposal: 4})
	own, _ := answering(t, 409, api.RejectProblem(exchange.RejectOwnProposal, 7, ""))
	for _, c := range []struct {
		url, out string
		fails    bool
		args     []string
	}{
		{none, "reversals     need one operator\nwithdrawals   none needs two operators\n", false, []string{"approvals"}},
		{both, "reversals     need two operators\nwithdrawals   of more than 1000.0000 need two operators\n", false, []string{"approvals"}},
		{waits, "Nothing has changed: proposal 4 waits for another operator, who says hustings exchange approve 4.\n", false, []string{"approvals", "--reversals", "off"}},
		{none, "", true, []string{"approvals", "--reversals", "maybe"}},
		{none, "", true, []string{"approvals", "--withdrawals", "-1"}},
		{nothing, "Nothing waits.\n", false, []string{"proposals"}},
		{some, "" +
			"proposal  by                lapses               what\n" +
			"3         account 5, key 6  1970-01-01 00:00:01  resolve market 7 again to 0.0000 1.0000 (a recount)\n" +
			"4         admin key         1970-01-01 00:00:02  void market 7 (a mistake)\n" +
			"5         admin key         1970-01-01 00:00:02  pay 50.0000 out of account 8 (wire)\n" +
			"6         admin key         1970-01-01 00:00:02  approvals: reversals need two operators withdrawals none needs two operators\n", false, []string{"proposals"}},
		{done, "Proposal 4 is approved, and done.\n", false, []string{"approve", "4"}},
		{done, "Proposal 4 is rejected. Nothing was done.\n", false, []string{"reject", "4"}},
		{done, "", true, []string{"approve", "0"}},
		{own, "", true, []string{"approve", "4"}},
	} {
		out, err := runHere(t, append([]string{"exchange"}, append(c.args, "--key-file", key, "--admin", c.url)...)...)
		if out != c.out || (err != nil) != c.fails {
			t.Errorf("%v: %v\n%s\nwant\n%s", c.args, err, out, c.out)
		}
	}
}
