package api

// Checkpoint is the newest signed checkpoint of the journal.
type Checkpoint struct {
	Size ID     `json:"size"` // events covered
	Note string `json:"note"` // the signed note, as text
	Key  string `json:"key"`  // the public key that verifies it, as text
}

// Proof shows that a trade is in the journal that a checkpoint covers. Binary values are standard base64.
type Proof struct {
	Seq        ID         `json:"seq"`
	Event      string     `json:"event"`      // the leaf: the event's bytes in the journal
	Index      uint64     `json:"index"`      // of the leaf, from 0
	Path       []string   `json:"path"`       // RFC 6962 audit path, 32 bytes each, from the leaf up
	Checkpoint Checkpoint `json:"checkpoint"` // Index is below its size
}
