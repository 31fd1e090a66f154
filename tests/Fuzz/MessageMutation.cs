using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace TrActOnnx.Tests.Fuzz;

/// <summary>
/// Damage to a message that stays a message: fields are set to edges of their types or to what stands elsewhere in the models, elements go, come
/// twice, change places, or come from another model. Far more of it gets past the parser than of damage to bytes.
/// </summary>
/// <param name="random">What decides.</param>
/// <param name="donors">Messages of other models, by their type.</param>
/// <param name="words">Names for any text: operators, domains, values.</param>
internal sealed class MessageMutation(Random random, ILookup<string, IMessage> donors, IReadOnlyList<string> words)
{
    private static readonly long[] Integers =
        [0, 1, -1, 2, 3, 7, 8, 64, 1000, 1024, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1L << 40, 1L << 62, -2];

    private static readonly double[] Numbers = [0, -0.0, 1, -1, 0.5, 1e-30, 1e30, double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public void Apply(IMessage message)
    {
        for (int times = 1 + random.Next(random.Next(3) == 0 ? 8 : 2); times > 0; times--)
        {
            var all = new List<IMessage>();
            Collect(message, all);
            Mutate(all[random.Next(all.Count)]);
        }
    }

    private static void Collect(IMessage message, List<IMessage> all)
    {
        all.Add(message);
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType != FieldType.Message) continue;
            object? value = field.Accessor.GetValue(message);
            foreach (IMessage inner in value is IMessage one ? [one] : value is IEnumerable many ? many.Cast<IMessage>() : []) Collect(inner, all);
        }
    }

    private void Mutate(IMessage message)
    {
        IList<FieldDescriptor> fields = message.Descriptor.Fields.InDeclarationOrder();
        FieldDescriptor[] present = [.. fields.Where(field => IsPresent(field, message))];
        FieldDescriptor field = present.Length > 0 && random.Next(5) > 0 ? present[random.Next(present.Length)] : fields[random.Next(fields.Count)];
        if (field.IsRepeated) Mutate((IList)field.Accessor.GetValue(message), field);
        else if (random.Next(8) == 0) field.Accessor.Clear(message);
        else if (New(field, field.Accessor.GetValue(message)) is { } value) field.Accessor.SetValue(message, value);
    }

    private static bool IsPresent(FieldDescriptor field, IMessage message) =>
        field.IsRepeated ? ((IList)field.Accessor.GetValue(message)).Count > 0 : field.HasPresence && field.Accessor.HasValue(message);

    private void Mutate(IList list, FieldDescriptor field)
    {
        int at = list.Count == 0 ? 0 : random.Next(list.Count), other = list.Count == 0 ? 0 : random.Next(list.Count);
        switch (list.Count == 0 ? 0 : random.Next(7))
        {
            case 0 or 1:
                if (New(field, list.Count > 0 ? list[at] : null) is { } added) list.Insert(random.Next(list.Count + 1), added);
                break;
            case 2:
                list.RemoveAt(at);
                break;
            case 3:
                list.Insert(other, Copy(list[at]!));
                break;
            case 4:
                (list[at], list[other]) = (list[other], list[at]);
                break;
            case 5 when random.Next(4) == 0:
                list.Clear();
                break;
            default:
                if (New(field, list[at]) is { } changed) list[at] = changed;
                break;
        }
    }

    private static object Copy(object value) => value is IMessage message ? message.Descriptor.Parser.ParseFrom(message.ToByteArray()) : value;

    private object? New(FieldDescriptor field, object? old)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                IMessage[] there = [.. donors[field.MessageType.Name]];
                return there.Length == 0 ? field.MessageType.Parser.ParseFrom([]) : Copy(there[random.Next(there.Length)]);
            case FieldType.String:
                string text = words[random.Next(words.Count)];
                return random.Next(12) switch { 0 => "", 1 => text + "\n\u202e\0", 2 => new string('n', 5000), _ => text };
            case FieldType.Bytes:
                byte[] bytes = ((ByteString?)old)?.ToByteArray() ?? [];
                return bytes.Length == 0 ? ByteString.CopyFromUtf8(words[random.Next(words.Count)])
                    : ByteString.CopyFrom(ByteMutation.Apply(bytes, random));
            case FieldType.Enum:
                return Enum.ToObject(field.EnumType.ClrType, random.Next(20));
            case FieldType.Int64:
                return Integer(old);
            case FieldType.Int32:
                return unchecked((int)Integer(old));
            case FieldType.UInt64:
                return unchecked((ulong)Integer(old));
            case FieldType.Float:
                return (float)Numbers[random.Next(Numbers.Length)];
            case FieldType.Double:
                return Numbers[random.Next(Numbers.Length)];
            default:
                return null;
        }
    }

    private long Integer(object? old)
    {
        if (random.Next(3) > 0) return Integers[random.Next(Integers.Length)];
        long number = old is null ? 0 : old is ulong large ? unchecked((long)large) : Convert.ToInt64(old, System.Globalization.CultureInfo.InvariantCulture);
        return unchecked(number + random.Next(-2, 3));
    }
}
