// Package shards measures how an exchange of several shards grows with them, all in this process and with their files in
// memory: what is seen is the code, not the disk. Each shard has the whole path of a command: replicated log, state machine,
// journal, read model. Accounts begin at home, their cash comes to the other shards by transfers, and in the end everything
// must add up.
package shards
