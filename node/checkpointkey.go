package node

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
)

// checkpointName is the origin of a shard's checkpoints.
func checkpointName(shard exchange.ShardID) string { return fmt.Sprint("hustings/shard-", shard) }

// checkpointPair signs the checkpoints of all shards with one key, under the name of each: what was signed for one shard
// says nothing of another.
type checkpointPair struct{ private, public string }

// of returns what signs the checkpoints of a shard, and the key that verifies them.
func (p checkpointPair) of(shard exchange.ShardID) (note.Signer, string, error) {
	public, err := CheckpointKey(p.public, shard)
	if err != nil {
		return nil, "", err
	}
	const head = "PRIVATE+KEY+"
	named := keyParts(public)
	named[2] = keyParts(strings.TrimPrefix(p.private, head))[2]
	signer, err := note.NewSigner(head + strings.Join(named[:], "+"))
	return signer, public, err
}

// keyParts are the name of a key, the hash of both, and the key; that is what has the plus signs that are left.
func keyParts(text string) (parts [3]string) {
	copy(parts[:], strings.SplitN(text, "+", len(parts)))
	return parts
}

// CheckpointKey returns the key that verifies the checkpoints of a shard, from the one of the home shard.
func CheckpointKey(public string, shard exchange.ShardID) (string, error) {
	if shard == exchange.HomeShard {
		return public, nil
	}
	key, err := base64.StdEncoding.DecodeString(keyParts(public)[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return "", errors.New("the public key of the checkpoints is malformed")
	}
	return note.NewEd25519VerifierKey(checkpointName(shard), key[1:])
}
