package dynamo

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// A cursor is a checksum, a version, a kind and its parts, as base64 of text: opaque to whoever carries it.
const cursorVersion = "1"

// Kinds of cursor: one of another list is no cursor.
const (
	cursorList       = "list"
	cursorAttention  = "attention"
	cursorQuarantine = "quarantine"
	cursorChanges    = "changes"
	cursorMore       = "more"
	cursorLibrary    = "library"
)

// encodeCursor writes a cursor; no part but the last may hold the separator. The checksum in front finds one that was cut
// or mistyped; it keeps nobody from making one, so whoever reads a cursor checks what it asks for.
func encodeCursor(kind string, parts ...string) string {
	body := cursorVersion + "|" + kind + "|" + strings.Join(parts, "|")
	return base64.RawURLEncoding.EncodeToString([]byte(checksum(body) + body))
}

// decodeCursor reads a cursor of the kind with n parts. Anything else is the caller's mistake.
func decodeCursor(op, cursor, kind string, n int) ([]string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < sumLength || checksum(string(raw[sumLength:])) != string(raw[:sumLength]) {
		return nil, badCursor(op)
	}
	parts := strings.SplitN(string(raw[sumLength:]), "|", n+2)
	if len(parts) != n+2 || parts[0] != cursorVersion || parts[1] != kind {
		return nil, badCursor(op)
	}
	return parts[2:], nil
}

// sumLength is the length of a checksum.
const sumLength = 8

func checksum(body string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body))) }

func badCursor(op string) error {
	return fault.Reject(op, "cursor", "El cursor no es válido para esta lista. Vuelve a pedirla desde el principio.")
}

// position reads the cursor of a list that lies in one order of time and id; "" is the beginning.
func position(op, cursor, kind string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	parts, err := decodeCursor(op, cursor, kind, 1)
	if err != nil {
		return "", err
	}
	stamp, rest, ok := strings.Cut(parts[0], "#")
	if _, err := time.Parse(instant, stamp); err != nil || !ok || rest == "" {
		return "", badCursor(op)
	}
	return parts[0], nil
}
