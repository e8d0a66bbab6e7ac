package golden

import (
	"fmt"
	"slices"
	"strings"
)

// storedSurvives: a deployment or a deleted stack takes no data with it, and tables can be taken back in time.
func storedSurvives(t tmpl) []finding {
	var out []finding
	for _, kind := range []string{"DynamoDB::Table", "S3::Bucket", "SecretsManager::Secret", "Logs::LogGroup", "KMS::Key", "Cognito::UserPool"} {
		for _, id := range t.of(kind) {
			if t.Resources[id].DeletionPolicy != "Retain" {
				out = append(out, found(id, "is deleted with the stack"))
			}
		}
	}
	for _, id := range t.of("DynamoDB::Table") {
		if t.prop(id, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
			out = append(out, found(id, "cannot be taken back in time"))
		}
		if t.prop(id, "DeletionProtectionEnabled") != true {
			out = append(out, found(id, "may be deleted"))
		}
		if t.prop(id, "BillingMode") != "PAY_PER_REQUEST" {
			out = append(out, found(id, "is not paid per request"))
		}
	}
	return out
}

// tablesAreAgreed: keys, indexes, projections, stream and TTL, as the store asks for them.
func tablesAreAgreed(t tmpl) []finding {
	got := map[string]string{}
	for _, id := range t.of("DynamoDB::Table") {
		shape := []string{keys(t.prop(id, "KeySchema"))}
		for _, index := range list(t.prop(id, "GlobalSecondaryIndexes")) {
			shape = append(shape, fmt.Sprintf("%s(%s) %s%v", text(dig(index, "IndexName")), keys(dig(index, "KeySchema")),
				text(dig(index, "Projection", "ProjectionType")), texts(dig(index, "Projection", "NonKeyAttributes"))))
		}
		if ttl := t.prop(id, "TimeToLiveSpecification"); dig(ttl, "Enabled") == true {
			shape = append(shape, "ttl "+text(dig(ttl, "AttributeName")))
		}
		if view := text(t.prop(id, "StreamSpecification", "StreamViewType")); view != "" {
			shape = append(shape, "stream "+view)
		}
		got[id] = strings.Join(shape, "; ")
	}
	out := compare(map[string]string{
		"WorkTable": "PK HASH, SK RANGE; GSI1(GSI1PK HASH, GSI1SK RANGE) INCLUDE[row v ttl]; " +
			"GSI2(GSI2PK HASH, GSI2SK RANGE) INCLUDE[row v ttl]; ttl ttl; stream NEW_IMAGE",
		"BitacoraTable": "PK HASH, SK RANGE; day(DAYPK HASH, DAYSK RANGE) INCLUDE[ticket version at]",
	}, got)
	for _, id := range t.of("DynamoDB::Table") {
		for _, a := range list(t.prop(id, "AttributeDefinitions")) {
			if text(dig(a, "AttributeType")) != "S" {
				out = append(out, found(id, "key %v is not text", dig(a, "AttributeName")))
			}
		}
	}
	return out
}

func keys(schema any) string {
	var parts []string
	for _, key := range list(schema) {
		parts = append(parts, text(dig(key, "AttributeName"))+" "+text(dig(key, "KeyType")))
	}
	return strings.Join(parts, ", ")
}

// bucketIsPrivate: no way to make it public, no lists of access per object, every raw delivery gone after thirty days, and of
// media each kind in its time, but for our own library. The console's pages alone may ask for files, and for no more than
// bringing and fetching them.
func bucketIsPrivate(t tmpl) []finding {
	var out []finding
	if buckets := t.of("S3::Bucket"); !slices.Equal(buckets, []string{"MediaBucket", "RawBucket"}) {
		out = append(out, found("RawBucket", "buckets are %v", buckets))
	}
	for _, id := range t.of("S3::Bucket") {
		for _, switched := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if t.prop(id, "PublicAccessBlockConfiguration", switched) != true {
				out = append(out, found(id, "%s is not set", switched))
			}
		}
		if t.prop(id, "OwnershipControls", "Rules", 0, "ObjectOwnership") != "BucketOwnerEnforced" {
			out = append(out, found(id, "objects may have owners of their own"))
		}
		lives := map[string]string{}
		for _, rule := range list(t.prop(id, "LifecycleConfiguration", "Rules")) {
			lives[text(dig(rule, "Prefix"))] = fmt.Sprint(dig(rule, "Status"), " ", number(dig(rule, "ExpirationInDays")))
		}
		out = append(out, within(id, compare(map[string]map[string]string{
			"RawBucket":   {"": "Enabled 30"},
			"MediaBucket": {"media/": "Enabled 90", "story/": "Enabled 30", "evidence/": "Enabled 2005"},
		}[id], lives))...)
		cross := ""
		for _, rule := range list(t.prop(id, "CorsConfiguration", "CorsRules")) {
			cross += fmt.Sprintf("%s may %s with %s. ", renders(dig(rule, "AllowedOrigins")), renders(dig(rule, "AllowedMethods")), renders(dig(rule, "AllowedHeaders")))
		}
		if want := map[string]string{
			"MediaBucket": "[" + consoleAddress + "] may [GET PUT] with [content-type if-none-match x-amz-checksum-sha256]. ",
		}[id]; cross != want {
			out = append(out, found(id, "pages: %q, want %q", cross, want))
		}
		if t.prop(id, "VersioningConfiguration") != nil {
			out = append(out, found(id, "keeps versions of what expired"))
		}
	}
	return out
}

// renders is a list of values in one line.
func renders(values any) string {
	var all []string
	for _, v := range list(values) {
		all = append(all, render(v))
	}
	return fmt.Sprint(all)
}
