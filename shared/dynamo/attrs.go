package dynamo

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// attrs is an item, or a part of one.
type attrs map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// item begins an item with its key.
func item(k key) attrs { return attrs{attrPK: text(k.pk), attrSK: text(k.sk)} }

// put adds a key or a place in an index.
func (a attrs) put(pk, sk string, k key) attrs {
	a[pk], a[sk] = text(k.pk), text(k.sk)
	return a
}

// text gives an attribute of text, "" when it is not there.
func (a attrs) text(name string) string {
	if s, ok := a[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// bytes gives an attribute of bytes, nil when it is not there.
func (a attrs) bytes(name string) []byte {
	if b, ok := a[name].(*types.AttributeValueMemberB); ok {
		return b.Value
	}
	return nil
}

// number gives a numeric attribute, 0 when it is not there.
func (a attrs) number(name string) int64 {
	n, ok := a[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0
	}
	return value
}

// when gives an instant as at wrote it, zero when it is not there.
func (a attrs) when(name string) time.Time {
	t, err := time.Parse(instant, a.text(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// keep puts the expiry on the item; a zero one, as everything about an open case has, stays away.
func (a attrs) keep(until time.Time) {
	if !until.IsZero() {
		a[attrTTL] = number(until.Unix())
	}
}

// expiry gives the item's expiry, zero when it has none.
func (a attrs) expiry() time.Time {
	if ttl := a.number(attrTTL); ttl != 0 {
		return time.Unix(ttl, 0).UTC()
	}
	return time.Time{}
}

// expired reports whether the item's life is over, although DynamoDB may not have deleted it yet.
func (a attrs) expired(now time.Time) bool {
	ttl := a.number(attrTTL)
	return ttl != 0 && ttl <= now.Unix()
}

// size is what the service counts: the bytes of names and values.
func (a attrs) size() int {
	total := 0
	for name, value := range a {
		total += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			total += len(v.Value)
		case *types.AttributeValueMemberB:
			total += len(v.Value)
		case *types.AttributeValueMemberN:
			total += len(v.Value)/2 + 2
		default:
			total++
		}
	}
	return total
}

// units is what writing so many bytes costs once.
func units(bytes int) int { return (bytes + 1023) / 1024 }
