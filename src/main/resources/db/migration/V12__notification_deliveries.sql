-- What is forgotten takes what nobody got of it along.
CREATE INDEX notification_delivery_by_seq ON notification_delivery (seq, receiver);

-- What the installation's receivers wait for is found however much waits for those of workspaces.
CREATE INDEX notification_delivery_of_installation ON notification_delivery (seq, receiver)
    WHERE receiver NOT LIKE 'workspace/%';
