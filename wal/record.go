package wal

import (
	"encoding/binary"
	"hash/crc32"
)

// Record is what the log keeps. The log gives no meaning to any of it.
type Record struct {
	Type    uint8
	Shard   uint32
	Payload []byte
}

// recordHeaderSize is the size of
//
//	 0      4      8      12   13     16
//	┌──────┬──────┬──────┬────┬──────┬───────────┐
//	│ CRC  │length│shard │type│ zero │ payload … │
//	└──────┴──────┴──────┴────┴──────┴───────────┘
//
// The CRC-32C covers all that follows it, the payload included; length is that of the payload.
const recordHeaderSize = 16

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func putRecordHeader(to []byte, r Record) {
	binary.LittleEndian.PutUint32(to[4:], uint32(len(r.Payload)))
	binary.LittleEndian.PutUint32(to[8:], r.Shard)
	binary.LittleEndian.PutUint32(to[12:], uint32(r.Type))
	binary.LittleEndian.PutUint32(to, recordSum(to[4:recordHeaderSize], r.Payload))
}

func recordSum(header, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum(header, castagnoli), castagnoli, payload)
}

// cutRecord takes the first record off the content of a batch. The payload is a part of the content. If there is a
// reason it is not a record.
func cutRecord(content []byte) (r Record, rest []byte, reason string) {
	if len(content) < recordHeaderSize {
		return Record{}, nil, "a record's header does not fit into its batch"
	}
	header := content[:recordHeaderSize]
	length := int64(binary.LittleEndian.Uint32(header[4:]))
	if length > int64(len(content)-recordHeaderSize) {
		return Record{}, nil, "a record is longer than its batch"
	}
	end := recordHeaderSize + int(length)
	payload := content[recordHeaderSize:end:end]
	if recordSum(header[4:], payload) != binary.LittleEndian.Uint32(header) {
		return Record{}, nil, "a record's checksum is wrong"
	}
	r = Record{Type: header[12], Shard: binary.LittleEndian.Uint32(header[8:]), Payload: payload}
	return r, content[end:], ""
}
