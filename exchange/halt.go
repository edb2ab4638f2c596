package exchange

// SetHalt halts the order entry of a shard, or lets it go on. It is the operator's switch for the whole exchange, which gives it
// to every shard.
type SetHalt struct {
	Key    Key
	Halted bool
	Reason string // 1 to 500 characters
}

// CommandKind implements Command.
func (*SetHalt) CommandKind() CommandKind { return KindSetHalt }

// HaltSet says whether orders are taken from now on.
type HaltSet struct {
	Halted bool
	Reason string
}

// EventKind implements Event.
func (*HaltSet) EventKind() EventKind { return KindHaltSet }

// RecordAct puts into the journal which operator does what. It comes before the act, which may be refused.
type RecordAct struct {
	Account    AccountID // whose key it is; 0: the admin key itself
	Key        Key
	Credential CredentialID
	Act        string // 1 to 64 characters
	Subject    string // what the act is about, up to 500 characters
}

// CommandKind implements Command.
func (*RecordAct) CommandKind() CommandKind { return KindRecordAct }

// OperatorActed says which operator was about to do what.
type OperatorActed struct {
	Account    AccountID // 0: whoever has the admin key
	Credential CredentialID
	Act        string
	Subject    string
}

// EventKind implements Event.
func (*OperatorActed) EventKind() EventKind { return KindOperatorActed }
