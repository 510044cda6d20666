// The contracts to index, and their reducers.

import { attributionCourtAbi } from '../abi/attribution-court.ts';
import { attributionLedgerAbi } from '../abi/attribution-ledger.ts';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import { influenceBookAbi } from '../abi/influence-book.ts';
import { modelRegistryAbi } from '../abi/model-registry.ts';
import { nodeRegistryAbi } from '../abi/node-registry.ts';
import { openGovernorAbi } from '../abi/open-governor.ts';
import { openTokenAbi } from '../abi/open-token.ts';
import { settlementAbi } from '../abi/settlement.ts';
import { stakedOpenAbi } from '../abi/staked-open.ts';
import type { ChainContext } from '../context.ts';
import { datanetReducers, modelReducers } from './asset-reducers.ts';
import { governanceReducers } from './governance-reducers.ts';
import { courtReducers, influenceReducers, ledgerReducers, settlementReducers } from './money-reducers.ts';
import { nodeReducers } from './node-reducers.ts';
import type { Source } from './reducer.ts';
import { tokenReducers } from './token-reducers.ts';

export const sourcesOf = ({ addresses }: Pick<ChainContext, 'addresses'>): Source[] => [
  { address: addresses.OpenToken, abi: openTokenAbi, reducers: tokenReducers('OPEN') },
  { address: addresses.StakedOpen, abi: stakedOpenAbi, reducers: tokenReducers('sOPEN') },
  { address: addresses.NodeRegistry, abi: nodeRegistryAbi, reducers: nodeReducers },
  { address: addresses.OpenGovernor, abi: openGovernorAbi, reducers: governanceReducers },
  { address: addresses.DatanetRegistry, abi: datanetRegistryAbi, reducers: datanetReducers },
  { address: addresses.ModelRegistry, abi: modelRegistryAbi, reducers: modelReducers },
  { address: addresses.Settlement, abi: settlementAbi, reducers: settlementReducers },
  { address: addresses.AttributionLedger, abi: attributionLedgerAbi, reducers: ledgerReducers },
  { address: addresses.AttributionCourt, abi: attributionCourtAbi, reducers: courtReducers },
  { address: addresses.InfluenceBook, abi: influenceBookAbi, reducers: influenceReducers },
];
