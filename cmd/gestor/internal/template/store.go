package template

import "time"

func (p *parser) queue(props *properties) {
	// Names are local; encryption and the bound of a message change nothing a function can see (the emulator has SQS's
	// own bound). High-throughput FIFO only raises limits.
	props.ignore("QueueName", "Tags", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "MaximumMessageSize")
	props.ignore("DeduplicationScope", "FifoThroughputLimit", "RedriveAllowPolicy", "ReceiveMessageWaitTimeSeconds")
	q := Queue{
		ID:           props.id,
		FIFO:         props.flag("FifoQueue", false),
		ContentDedup: props.flag("ContentBasedDeduplication", false),
		Visibility:   props.seconds("VisibilityTimeout", 30*time.Second),
		Delay:        props.seconds("DelaySeconds", 0),
		Retention:    props.seconds("MessageRetentionPeriod", 4*24*time.Hour),
	}
	if redrive := props.object("RedrivePolicy"); redrive != nil {
		q.DeadLetters = redrive.refers("deadLetterTargetArn", "Arn")
		q.MaxReceives = redrive.whole("maxReceiveCount", 0)
		if q.MaxReceives < 1 {
			redrive.fail("maxReceiveCount is missing")
		}
		props.close(redrive)
	}
	p.out.Queues = append(p.out.Queues, q)
}

func (p *parser) table(props *properties) {
	// Billing, backups, encryption, replicas' settings and protection do not change what a function can see.
	props.ignore("TableName", "BillingMode", "PointInTimeRecoverySpecification", "SSESpecification", "DeletionProtectionEnabled", "Tags")
	props.ignore("Replicas", "TableClass", "ContributorInsightsSpecification", "OnDemandThroughput", "WarmThroughput", "ResourcePolicy")
	props.ignore("WriteOnDemandThroughputSettings", "WriteProvisionedThroughputSettings", "ProvisionedThroughput")
	types := map[string]string{}
	for _, a := range props.objects("AttributeDefinitions") {
		types[a.text("AttributeName", "")] = a.oneOf("AttributeType", "", "S", "N", "B")
		props.close(a)
	}
	t := Table{ID: props.id}
	t.Partition, t.Sort = keys(props, types)
	if t.Partition.Name == "" {
		props.fail("KeySchema has no partition key")
	}
	if stream := props.object("StreamSpecification"); stream != nil {
		stream.ignore("ResourcePolicy")
		t.Stream = stream.oneOf("StreamViewType", "", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")
		props.close(stream)
	}
	if ttl := props.object("TimeToLiveSpecification"); ttl != nil {
		if name := ttl.text("AttributeName", ""); ttl.flag("Enabled", true) {
			t.TTL = name
		}
		props.close(ttl)
	}
	for _, i := range props.objects("GlobalSecondaryIndexes") {
		t.Indexes = append(t.Indexes, index(i, types))
		props.close(i)
	}
	p.out.Tables = append(p.out.Tables, t)
}

func index(props *properties, types map[string]string) Index {
	props.ignore("ContributorInsightsSpecification", "OnDemandThroughput", "WarmThroughput", "ProvisionedThroughput")
	props.ignore("WriteOnDemandThroughputSettings", "ReadOnDemandThroughputSettings")
	i := Index{Name: props.text("IndexName", "")}
	i.Partition, i.Sort = keys(props, types)
	projection := props.object("Projection")
	if projection == nil {
		props.fail("Projection is missing")
		return i
	}
	i.Projection = projection.oneOf("ProjectionType", "", "ALL", "KEYS_ONLY", "INCLUDE")
	i.Include = projection.texts("NonKeyAttributes")
	props.close(projection)
	return i
}

func keys(props *properties, types map[string]string) (partition, sort Key) {
	for _, k := range props.objects("KeySchema") {
		key := Key{Name: k.text("AttributeName", "")}
		key.Type = types[key.Name]
		if key.Type == "" {
			k.fail("key %q has no attribute definition", key.Name)
		}
		if k.oneOf("KeyType", "", "HASH", "RANGE") == "HASH" {
			partition = key
		} else {
			sort = key
		}
		props.close(k)
	}
	return partition, sort
}

func (p *parser) bucket(props *properties) {
	// Notifications and website would be behaviour, so they are not in this list; lifecycle deletes after weeks.
	props.ignore("BucketName", "BucketEncryption", "PublicAccessBlockConfiguration", "LifecycleConfiguration", "OwnershipControls")
	props.ignore("VersioningConfiguration", "LoggingConfiguration", "Tags", "AccessControl", "ObjectLockEnabled")
	b := Bucket{ID: props.id}
	if cross := props.object("CorsConfiguration"); cross != nil {
		for _, rule := range cross.objects("CorsRules") {
			rule.ignore("Id")
			c := Cross{Methods: rule.texts("AllowedMethods"), Headers: rule.texts("AllowedHeaders"), MaxAge: rule.whole("MaxAge", 0)}
			origins, _ := rule.get("AllowedOrigins")
			list, ok := origins.([]any)
			if !ok {
				rule.fail("AllowedOrigins is not a list")
			}
			for _, origin := range list {
				c.Origins = append(c.Origins, Value{owner: props.id, raw: origin})
			}
			b.Cross = append(b.Cross, c)
			cross.close(rule)
		}
		props.close(cross)
	}
	p.out.Buckets = append(p.out.Buckets, b)
}

func (p *parser) secret(props *properties) {
	// The local system supplies the value, so how the cloud would make it up does not matter.
	props.ignore("Name", "Description", "Tags", "KmsKeyId", "GenerateSecretString", "SecretString", "ReplicaRegions")
	p.out.Secrets = append(p.out.Secrets, Secret{ID: props.id})
}
