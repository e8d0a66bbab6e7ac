package queue

import (
	"crypto/md5" //nolint:gosec // SQS's checksum, not a defence
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of SQS.
const (
	maxMessage = 1 << 20 // bytes of body and attributes, of a message and of a whole batch
	maxBatch   = 10
	maxDelay   = 15 * time.Minute
)

// size is what a message counts against the limit: body and attributes.
func (o Outgoing) size() int {
	n := len(o.Body)
	for name, a := range o.Attributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

// check says what SQS would refuse in a message, nil when nothing.
func (q *queue) check(o Outgoing) error {
	if o.Body == "" {
		return missing("MessageBody")
	}
	if n := o.size(); n > maxMessage {
		return badParameter("message must be no longer than %d bytes, this one has %d", maxMessage, n)
	}
	if !legalText(o.Body) {
		return &apiError{shape: "InvalidMessageContents", code: "InvalidMessageContents", message: "the body has characters outside the allowed set"}
	}
	if o.Delay < 0 || o.Delay > maxDelay {
		return badParameter("DelaySeconds must be 0 to 900")
	}
	if err := q.checkKind(o); err != nil {
		return err
	}
	return checkAttributes(o.Attributes)
}

// checkKind looks at what only one kind of queue takes.
func (q *queue) checkKind(o Outgoing) error {
	if q.spec.FIFO {
		switch {
		case o.Group == "":
			return missing("MessageGroupId")
		case o.Dedup == "":
			return badParameter("the queue needs a MessageDeduplicationId: it does not deduplicate by content")
		case o.Delay != 0:
			return badParameter("DelaySeconds is not valid for this queue type")
		}
	} else if o.Dedup != "" {
		return badParameter("MessageDeduplicationId is not valid for this queue type")
	}
	for _, id := range []string{o.Group, o.Dedup} {
		if id != "" && !legalID(id) {
			return badParameter("group and deduplication ids are 1 to 128 letters, digits or ASCII punctuation")
		}
	}
	return nil
}

// legalID reports whether SQS takes the text as a group or deduplication id.
func legalID(id string) bool {
	return len(id) <= 128 && !strings.ContainsFunc(id, func(r rune) bool { return r < '!' || r > '~' })
}

// legalText reports whether SQS takes the text as a body: UTF-8, and of the control characters only tab and line ends.
func legalText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

// legalName reports whether a text is 1 to most letters, digits or characters of extra.
func legalName(text string, most int, extra string) bool {
	return text != "" && len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(extra, r)
	})
}

// checkAttributes looks at message attributes: at most ten, legal names, a type and the value that goes with it.
func checkAttributes(attributes map[string]Attribute) error {
	if len(attributes) > 10 {
		return badParameter("a message takes at most 10 attributes")
	}
	for name, a := range attributes {
		kind, _, _ := strings.Cut(a.DataType, ".")
		switch {
		case !legalName(name, 256, "_-."):
			return badParameter("a message attribute has an illegal name")
		case kind != "String" && kind != "Number" && kind != "Binary":
			return badParameter("the type of message attribute %s must be String, Number or Binary", name)
		case kind == "Binary" && len(a.BinaryValue) == 0, kind != "Binary" && a.StringValue == "":
			return badParameter("message attribute %s has no value", name)
		}
	}
	return nil
}

// md5Hex is the checksum of a body.
func md5Hex(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // SQS's checksum, not a defence
	return hex.EncodeToString(sum[:])
}

// attributesMD5 is the checksum SQS defines over message attributes: by name, each part behind its length in four
// bytes, and the value behind 1 for text or 2 for bytes. No attributes have no checksum.
func attributesMD5(attributes map[string]Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var text []byte
	part := func(b string) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(b))) //nolint:gosec // at most 1 MiB
		text = append(text, b...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		part(name)
		part(a.DataType)
		if strings.HasPrefix(a.DataType, "Binary") {
			text = append(text, 2)
			part(string(a.BinaryValue))
			continue
		}
		text = append(text, 1)
		part(a.StringValue)
	}
	return md5Hex(string(text))
}
