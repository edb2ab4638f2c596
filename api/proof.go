package api

// Checkpoint is the newest signed checkpoint of the journal.
type Checkpoint struct {
	Size uint64 `json:"size"` // events covered
	Note string `json:"note"` // the signed note: a C2SP checkpoint
	Key  string `json:"key"`  // the public key that verifies it, as C2SP writes one
}

// Proof shows that a trade is in the journal that a checkpoint covers.
type Proof struct {
	Seq   ID     `json:"seq"`
	Proof string `json:"proof"` // a C2SP tlog-proof, whose extra data is the event's bytes in the journal
	Key   string `json:"key"`   // the public key that verifies its checkpoint
}
