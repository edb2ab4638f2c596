package wire

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

func approvals(c *codec.Codec, a *exchange.Approvals) {
	codec.Flag(c, &a.Reversals)
	codec.U64(c, &a.Withdrawals)
}

func approvalCommandFields(c *codec.Codec, cmd exchange.Command) {
	switch m := cmd.(type) {
	case *exchange.SetApprovals:
		operator(c, &m.Key)
		approvals(c, &m.Approvals)
		codec.Flag(c, &m.Followed)
	case *exchange.ProposeAct:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Credential)
		c.Blob(&m.Act)
	case *exchange.DecideAct:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Credential)
		codec.U64(c, &m.Proposal)
		codec.Flag(c, &m.Approve)
	}
}

func approvalEventFields(c *codec.Codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.ApprovalsSet:
		approvals(c, &e.Approvals)
	case *exchange.ActProposed:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Credential)
		codec.U64(c, &e.Proposal)
		codec.U64(c, &e.LapseAt)
		c.Blob(&e.Act)
	case *exchange.ActDecided:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Credential)
		codec.U64(c, &e.Proposal)
		codec.U8(c, &e.Verdict)
	}
}

// Proposable returns the frame of an act without its key, as it is proposed.
func Proposable(act exchange.Command) ([]byte, error) {
	frame, err := AppendCommand(nil, act)
	if err == nil {
		clear(frame[keyAt:commandHead])
	}
	return frame, err
}

// ReadProposable reads the frame of an act that can be proposed: one that may need a second operator, has no key, and is asked for
// here and not followed.
func ReadProposable(frame []byte) (exchange.Command, bool) {
	one, rest, err := Next(frame)
	if err != nil || len(rest) > 0 {
		return nil, false
	}
	if _, key, ok := CommandHead(one); !ok || key != (exchange.Key{}) {
		return nil, false
	}
	cmd, err := ReadCommand(one)
	if err != nil {
		return nil, false
	}
	switch c := cmd.(type) {
	case *exchange.ResolveMarket, *exchange.VoidMarket, *exchange.Withdraw:
		return cmd, true
	case *exchange.SetApprovals:
		return cmd, !c.Followed
	}
	return nil, false
}
