package dynamo

import (
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/fault"
)

// verb is how an item is written.
type verb byte

const (
	put verb = iota + 1
	update
	remove
)

// op is one item of a Change: what is written, under which condition, and what it means when the condition fails.
type op struct {
	verb    verb
	table   string
	item    attrs // the whole item of a put, the key otherwise
	set     string
	cond    string
	names   map[string]string
	values  attrs
	refused func(old attrs) refusal
}

// Conditions on existence.
const (
	isNew  = "attribute_not_exists(#pk)"
	exists = "attribute_exists(#pk)"

	isNewOrExpired = isNew + " OR #ttl <= :now"
)

// when adds the condition and what its failure means. Names begin with #, values with a colon.
func (o op) when(cond string, names map[string]string, values attrs, refused func(old attrs) refusal) op {
	o.cond, o.names, o.values, o.refused = cond, names, values, refused
	return o
}

func pkName(more ...string) map[string]string {
	names := map[string]string{"#pk": attrPK}
	for i := 0; i+1 < len(more); i += 2 {
		names[more[i]] = more[i+1]
	}
	return names
}

// as answers a refusal that does not depend on the item found.
func as(r refusal) func(attrs) refusal { return func(attrs) refusal { return r } }

// refusal is why a condition failed; the lowest rank of several is the one told.
type refusal struct {
	rank rank
	kind fault.Kind
	err  error
	what string // added to the operation's name where one sentinel is not enough
}

// rank orders refusals, see the package comment.
type rank int

const (
	rankStored rank = iota + 1 // not a refusal at all: this very content is there
	rankSeen
	rankClick
	rankClaim
	rankStale
	rankCancel
	rankGone
	rankConversation
	rankNumberTaken
	rankFolioTaken
	rankSameFile
)

// digest is a hash of everything the ops say, the same for the same content.
func digest(ops []op) string {
	h := sha256.New()
	for _, o := range ops {
		write(h, strconv.Itoa(int(o.verb)), o.table, o.set, o.cond)
		o.item.hash(h)
		o.values.hash(h)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:24])
}

// write adds strings to the hash so that where one ends is part of it.
func write(h hash.Hash, parts ...string) {
	for _, part := range parts {
		_, _ = h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
}

func (a attrs) hash(h hash.Hash) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		write(h, name)
		switch v := a[name].(type) {
		case *types.AttributeValueMemberS:
			write(h, "S", v.Value)
		case *types.AttributeValueMemberN:
			write(h, "N", v.Value)
		case *types.AttributeValueMemberB:
			write(h, "B", string(v.Value))
		}
	}
	write(h, ".")
}

func (o op) condition() *string {
	if o.cond == "" {
		return nil
	}
	return aws.String(o.cond)
}

// transacted is the op as a part of a transaction. The item a failed condition found comes back with it.
func (o op) transacted() types.TransactWriteItem {
	const found = types.ReturnValuesOnConditionCheckFailureAllOld
	switch o.verb {
	case put:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: aws.String(o.table), Item: o.item, ConditionExpression: o.condition(), ExpressionAttributeNames: o.names,
			ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: found,
		}}
	case update:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: aws.String(o.table), Key: o.item, UpdateExpression: aws.String(o.set), ConditionExpression: o.condition(),
			ExpressionAttributeNames: o.names, ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: found,
		}}
	case remove:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String(o.table), Key: o.item, ConditionExpression: o.condition(), ExpressionAttributeNames: o.names,
			ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: found,
		}}
	default:
		return types.TransactWriteItem{}
	}
}
