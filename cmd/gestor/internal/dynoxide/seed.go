package dynoxide

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// Dynoxide 1.2.1 never deletes a stream record and looks for the next sequence number by reading all of them, once for
// every item written; it reads all of them again for every page of the stream. Measured with items of 800 bytes: 9 ms for
// a write and for an empty page after 20,000 writes, growing with each. DynamoDB itself keeps records for 24 hours.
//
// So a new database does not start empty: it starts with Dynoxide's own table of stream records (schema version 9, to the
// letter), an index that both questions can use, and a trigger that trims as DynamoDB does. With them the same write
// takes 0.8 ms whatever the number of records. Dynoxide finds the table there and makes the rest of its schema around it.

// streamRetention is how long DynamoDB keeps stream records.
const streamRetention = 24 * time.Hour

const recordsTable = `CREATE TABLE _stream_records (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                table_name TEXT NOT NULL,
                event_name TEXT NOT NULL,
                keys_json TEXT NOT NULL,
                new_image TEXT,
                old_image TEXT,
                sequence_number TEXT NOT NULL,
                shard_id TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                user_identity TEXT
            )`

const recordsIndex = `CREATE INDEX gestor_stream_sequence ON _stream_records (table_name, CAST(sequence_number AS INTEGER))`

// recordsTrim deletes a few of the oldest with each new one, so that no write pays for many. Each table's newest record
// stays, however old: the next sequence number is one more than its own, and a number given twice would hide a record from
// whoever has read the first. (Four tables with a stream and nothing to say would thus end the trimming; we have one.)
func recordsTrim(keep time.Duration) string {
	return `CREATE TRIGGER gestor_stream_trim AFTER INSERT ON _stream_records BEGIN
DELETE FROM _stream_records WHERE id IN (SELECT id FROM _stream_records ORDER BY id LIMIT 4)
AND created_at < NEW.created_at - ` + strconv.FormatInt(int64(keep/time.Second), 10) + `
AND EXISTS (SELECT 1 FROM _stream_records AS newer WHERE newer.table_name = _stream_records.table_name
AND CAST(newer.sequence_number AS INTEGER) > CAST(_stream_records.sequence_number AS INTEGER));
END`
}

// SQLite's file format (sqlite.org/fileformat2.html), as far as four pages without rows need it.
const (
	pageSize       = 4096
	headerSize     = 100
	tableLeaf      = 0x0d
	indexLeaf      = 0x0a
	leafHeaderSize = 8
)

// seed makes the bytes of a database that holds only the stream records' table, its index and its trigger, without rows.
func seed(keep time.Duration) ([]byte, error) {
	entries := [][5]any{
		{"table", "_stream_records", "_stream_records", 2, recordsTable},
		// What AUTOINCREMENT counts in. Its text must be SQLite's own.
		{"table", "sqlite_sequence", "sqlite_sequence", 3, "CREATE TABLE sqlite_sequence(name,seq)"},
		{"index", "gestor_stream_sequence", "_stream_records", 4, recordsIndex},
		{"trigger", "gestor_stream_trim", "_stream_records", 0, recordsTrim(keep)},
	}
	file := make([]byte, 4*pageSize)
	writeHeader(file)
	end := pageSize
	for i, entry := range entries {
		cell := schemaCell(i+1, entry)
		end -= len(cell)
		pointer := headerSize + leafHeaderSize + 2*i
		if end < pointer+2 {
			return nil, fmt.Errorf("dynoxide: the seed's schema does not fit into a page of %d bytes", pageSize)
		}
		copy(file[end:], cell)
		binary.BigEndian.PutUint16(file[pointer:], uint16(end)) //nolint:gosec // below pageSize
	}
	writeLeaf(file[headerSize:], tableLeaf, len(entries), end)
	writeLeaf(file[1*pageSize:], tableLeaf, 0, pageSize)
	writeLeaf(file[2*pageSize:], tableLeaf, 0, pageSize)
	writeLeaf(file[3*pageSize:], indexLeaf, 0, pageSize)
	return file, nil
}

func writeHeader(file []byte) {
	copy(file, "SQLite format 3\x00")
	binary.BigEndian.PutUint16(file[16:], pageSize)
	file[18], file[19] = 1, 1                        // rollback journal; Dynoxide turns the write-ahead log on
	file[21], file[22], file[23] = 64, 32, 32        // payload fractions, the only values allowed
	binary.BigEndian.PutUint32(file[24:], 1)         // change counter
	binary.BigEndian.PutUint32(file[28:], 4)         // pages
	binary.BigEndian.PutUint32(file[40:], 1)         // schema cookie
	binary.BigEndian.PutUint32(file[44:], 4)         // schema format
	binary.BigEndian.PutUint32(file[56:], 1)         // UTF-8
	binary.BigEndian.PutUint32(file[92:], 1)         // change counter the page count belongs to
	binary.BigEndian.PutUint32(file[96:], 3_040_001) // the library whose format this is
}

func writeLeaf(page []byte, kind byte, cells, contentStart int) {
	page[0] = kind
	binary.BigEndian.PutUint16(page[3:], uint16(cells))        //nolint:gosec // a handful
	binary.BigEndian.PutUint16(page[5:], uint16(contentStart)) //nolint:gosec // at most pageSize
}

// schemaCell is one row of sqlite_schema as a cell of its b-tree: type, name, tbl_name, rootpage, sql.
func schemaCell(rowid int, values [5]any) []byte {
	var types, content []byte
	for _, value := range values {
		switch v := value.(type) {
		case string:
			types = append(types, varint(13+2*len(v))...)
			content = append(content, v...)
		case int:
			types = append(types, 1) // an integer of one byte
			content = append(content, byte(v))
		}
	}
	// The record's header counts its own length byte; it stays below 128.
	record := append([]byte{byte(len(types) + 1)}, types...)
	record = append(record, content...)
	cell := append(varint(len(record)), varint(rowid)...)
	return append(cell, record...)
}

// varint is SQLite's: groups of seven bits, the highest first.
func varint(n int) []byte {
	out := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		out = append([]byte{byte(n&0x7f) | 0x80}, out...)
	}
	return out
}
