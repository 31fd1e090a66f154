using Google.Protobuf;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>A message that the graph carries along: an attribute as it was read, a tensor of strings or 4-bit numbers, a sparse tensor.</summary>
internal sealed class MessageOpaque(IMessage message) : Opaque
{
    public IMessage Message { get; } = message;

    public override string Kind => Message is AttributeProto attribute ? attribute.Type.ToString() : Message.Descriptor.Name;

    public override ReadOnlyMemory<byte> Contents => Unnamed().ToByteArray();

    private IMessage Unnamed()
    {
        switch (Message)
        {
            case TensorProto tensor:
                TensorProto unnamed = tensor.Clone();
                unnamed.ClearName();
                return unnamed;
            case SparseTensorProto { Values: not null } sparse:
                SparseTensorProto values = sparse.Clone();
                values.Values.ClearName();
                return values;
            default:
                return Message;
        }
    }
}
