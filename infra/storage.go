package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// rawDays is how long a raw delivery is kept: twice the fourteen days in which a dead letter that points to it may still
// be put back, rounded up to a month.
const rawDays = 30

// How long copies of media are kept. What a person showed for a day is not kept for a season; evidence that somebody of ours
// brought stays as long as the longest-lived case there is (ADR 0014: a reclamo that SIAC does not have).
const (
	mediaDays    = 90
	storyDays    = 30
	evidenceDays = 5*365 + 180
)

// newRawBucket declares the bucket of raw deliveries too large for a queue message (more than 900 KiB). It keeps no
// versions: what expires must be gone, it holds citizens' words.
func newRawBucket(stack awscdk.Stack, s settings, key awskms.CfnKey) awss3.CfnBucket {
	return newBucket(stack, s, key, "RawBucket", lifetime("expire", "", rawDays))
}

// newMediaBucket declares the bucket of files: what citizens attached, each kind under its own prefix with its own life, and our
// own library for posts (library/), which stays until somebody takes a file out of it, and the classifier's models (models/), which stay. The console's pages bring files there and
// show them; console is where they come from.
func newMediaBucket(stack awscdk.Stack, s settings, key awskms.CfnKey, console *string) awss3.CfnBucket {
	bucket := newBucket(stack, s, key, "MediaBucket",
		lifetime("media", "media/", mediaDays), lifetime("story", "story/", storyDays), lifetime("evidence", "evidence/", evidenceDays))
	bucket.SetCorsConfiguration(&awss3.CfnBucket_CorsConfigurationProperty{CorsRules: []any{&awss3.CfnBucket_CorsRuleProperty{
		Id:             jsii.String("console"),
		AllowedOrigins: &[]*string{console},
		AllowedMethods: jsii.Strings("GET", "PUT"),
		AllowedHeaders: jsii.Strings("content-type", "if-none-match", "x-amz-checksum-sha256"),
		MaxAge:         jsii.Number(3600),
	}}})
	return bucket
}

// lifetime is how long what begins with a prefix is kept; an empty one is everything.
func lifetime(id, prefix string, days int) *awss3.CfnBucket_RuleProperty {
	rule := &awss3.CfnBucket_RuleProperty{
		Id:               jsii.String(id),
		Status:           jsii.String("Enabled"),
		ExpirationInDays: jsii.Number(days),
		AbortIncompleteMultipartUpload: &awss3.CfnBucket_AbortIncompleteMultipartUploadProperty{
			DaysAfterInitiation: jsii.Number(1),
		},
	}
	if prefix != "" {
		rule.Prefix = jsii.String(prefix)
	}
	return rule
}

// newBucket declares a private, encrypted bucket that forgets, without versions: what expires must be gone.
func newBucket(stack awscdk.Stack, s settings, key awskms.CfnKey, id string, lives ...*awss3.CfnBucket_RuleProperty) awss3.CfnBucket {
	rules := make([]any, 0, len(lives))
	for _, life := range lives {
		rules = append(rules, life)
	}
	bucket := awss3.NewCfnBucket(stack, jsii.String(id), &awss3.CfnBucketProps{
		BucketEncryption: &awss3.CfnBucket_BucketEncryptionProperty{
			ServerSideEncryptionConfiguration: []any{&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
				BucketKeyEnabled: jsii.Bool(true), // one call of KMS for many objects
				ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{
					KmsMasterKeyId: key.AttrArn(), SseAlgorithm: jsii.String("aws:kms"),
				},
			}},
		},
		LifecycleConfiguration: &awss3.CfnBucket_LifecycleConfigurationProperty{Rules: rules},
		OwnershipControls: &awss3.CfnBucket_OwnershipControlsProperty{
			Rules: []any{&awss3.CfnBucket_OwnershipControlsRuleProperty{ObjectOwnership: jsii.String("BucketOwnerEnforced")}},
		},
		PublicAccessBlockConfiguration: &awss3.CfnBucket_PublicAccessBlockConfigurationProperty{
			BlockPublicAcls:       jsii.Bool(true),
			BlockPublicPolicy:     jsii.Bool(true),
			IgnorePublicAcls:      jsii.Bool(true),
			RestrictPublicBuckets: jsii.Bool(true),
		},
	})
	bucket.ApplyRemovalPolicy(s.removal(), nil)
	awss3.NewCfnBucketPolicy(stack, jsii.String(id+"Policy"), &awss3.CfnBucketPolicyProps{
		Bucket:         bucket.Ref(),
		PolicyDocument: tlsOnly("s3:*", bucket.AttrArn(), objects(bucket)),
	})
	return bucket
}
