package node

import (
	"path/filepath"
	"strings"
	"time"
)

// Cluster says how a node takes part in an exchange on several machines.
type Cluster struct {
	Node    uint16 // its number, 1 and up
	Listen  string // address at which other nodes connect
	Region  string // where it stands; may be empty
	Members []Member

	Credentials Credentials
	Secrets     Secrets

	Heartbeat time.Duration // how often a leader lets the others hear from it
	Election  time.Duration // how long they wait for it, at least 4 heartbeats
}

// Member is a node that a starting one knows of: of a new exchange all of its first voters, for a node that joins
// later those that it can ask. What the log says about members holds over it.
type Member struct {
	Node    uint16
	Address string // at which it listens for other nodes
}

// Credentials are the PEM files with which a node shows others who it is.
type Credentials struct{ Authority, Certificate, Key string }

// Secrets are the files of what an exchange keeps to itself. All of its nodes have the same.
type Secrets struct {
	Admin      string // the operator's key
	Gateway    string // what gateways derive keys from
	Checkpoint string // signs checkpoints of the journal; beside it lies the public half, with the ending .pub
}

// SecretsIn are the secrets of a node that keeps them in a directory.
func SecretsIn(dir string) Secrets {
	return Secrets{
		Admin:      filepath.Join(dir, AdminKeyFile),
		Gateway:    filepath.Join(dir, gatewaySecretFile),
		Checkpoint: filepath.Join(dir, checkpointKeyFile),
	}
}

// CheckpointPub is the file that verifies checkpoints.
func (s Secrets) CheckpointPub() string {
	return strings.TrimSuffix(s.Checkpoint, filepath.Ext(s.Checkpoint)) + ".pub"
}
